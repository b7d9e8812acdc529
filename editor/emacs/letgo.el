;;; letgo.el --- letgo for eglot  -*- lexical-binding: t; -*-

;; Package-Requires: ((emacs "28.1") (eglot "1.9"))

;;; Commentary:

;; eglot runs one server for a buffer, so letgo runs gopls: that works as before,
;; and letgo adds its findings and rewrites.
;;
;;   (add-to-list 'load-path "/path/to/letgo/editor/emacs")
;;   (with-eval-after-load 'eglot (require 'letgo))
;;
;; "letgo help editor" lists the settings; they go next to those of gopls:
;;
;;   (setq-default eglot-workspace-configuration
;;                 '(:letgo (:tests t) :gopls (:usePlaceholders t)))
;;
;; `letgo-diff' shows the diff of all rewrites in the workspace, and
;; `letgo-apply' applies the safe ones, or all with a prefix argument.

;;; Code:

(require 'eglot)

(defgroup letgo nil
  "Locks that are held while the code waits."
  :group 'eglot)

(defcustom letgo-command '("letgo" "lsp" "-gopls")
  "How to start letgo.
What follows \"-gopls\" are arguments of gopls.  Set it before this
file is loaded."
  :type '(repeat string))

(add-to-list 'eglot-server-programs (cons '(go-mode go-ts-mode) letgo-command))

(defun letgo--command (name grade)
  "Have the server carry out the command NAME down to GRADE.
Return its result."
  (jsonrpc-request (eglot--current-server-or-lose) :workspace/executeCommand
                   (list :command name :arguments (vector (list :grade grade)))
                   :timeout 600))

;;;###autoload
(defun letgo-diff ()
  "Show the diff of all rewrites in the workspace."
  (interactive)
  (let ((diff (letgo--command "letgo.diff" "review")))
    (unless (string-empty-p diff)
      (with-current-buffer (get-buffer-create "*letgo diff*")
        (let ((inhibit-read-only t))
          (erase-buffer)
          (insert diff))
        (goto-char (point-min))
        (diff-mode)
        (setq buffer-read-only t)
        (display-buffer (current-buffer))))))

;;;###autoload
(defun letgo-apply (&optional review)
  "Apply all safe rewrites in the workspace.
With a prefix argument REVIEW also those that have to be checked."
  (interactive "P")
  (letgo--command "letgo.apply" (if review "review" "safe")))

(provide 'letgo)
;;; letgo.el ends here
