;;; What the test of Emacs does in Emacs.  -*- lexical-binding: t; -*-

;; It looks at server.go of the worked example through letgo in front of gopls,
;; carries one rewrite out from the menu and the rest with `letgo-apply', and
;; saves.

(require 'cl-lib)
(require 'json)
(require 'go-mode)
(setq letgo-command (list (getenv "LETGO") "lsp" "-gopls"))
(require 'letgo)

(defvar saw nil)

(defun saw (key value) (push (cons key value) saw))

(defun wait (what done)
  "Wait for DONE, which is WHAT.
Emacs is never idle in batch, so what it does when it is idle is done here."
  (let ((end (time-add nil 60)))
    (while (not (funcall done))
      (when (time-less-p end nil)
        (error "Waited in vain for %s; saw %S, messages: %s" what saw
               (with-current-buffer (messages-buffer) (buffer-string))))
      (eglot--signal-textDocument/didChange)
      (accept-process-output nil 0.1)
      (flymake-start))))

(defun diagnostics ()
  (mapcar (lambda (d)
            (list (cons 'message (flymake-diagnostic-text d))
                  (cons 'severity (symbol-name (flymake-diagnostic-type d)))
                  (cons 'line (line-number-at-pos (flymake-diagnostic-beg d)))))
          (flymake-diagnostics)))

(defun from (source)
  (cl-count-if (lambda (d) (string-prefix-p source (alist-get 'message d))) (diagnostics)))

(defvar looked-at nil "The buffer with the rewrite.")
(defvar text-before nil "Its text before that.")

(defun answer (prompt)
  "Say yes to the questions in PROMPT, and note them."
  (unless (assq 'question saw)
    (saw 'question prompt)
    (saw 'changed (if (equal text-before (with-current-buffer looked-at (buffer-string))) "no" "yes")))
  "Apply")

(defun choose (line prefix)
  "Open the menu of code actions at LINE and pick the one that begins with PREFIX."
  (goto-char (point-min))
  (forward-line (1- line))
  (setq last-nonmenu-event t)
  (cl-letf (((symbol-function 'completing-read)
             (lambda (prompt items &rest _)
               (if (member "Apply" items)
                   (answer prompt)
                 (saw 'menu (vconcat (mapcar #'car items)))
                 (or (cl-find-if (lambda (title) (string-prefix-p prefix title)) (mapcar #'car items))
                     (error "No action %s in %S" prefix (mapcar #'car items)))))))
    (eglot-code-actions (point) (point) nil t)))

(defun edit-file ()
  (setq eglot-sync-connect 60
        make-backup-files nil)
  (find-file "server.go")
  (unless (derived-mode-p 'go-mode) (error "No go-mode"))
  (apply #'eglot (eglot--guess-contact))
  (wait "letgo's diagnostics" (lambda () (> (from "letgo") 0)))
  (saw 'before (vconcat (diagnostics)))
  (saw 'symbols (vconcat (mapcar #'car (apply #'append (mapcar #'cdr (eglot-imenu))))))

  ;; What gopls says stands beside what letgo has said.
  (goto-char (point-max))
  (insert "\nfunc unused() { x := 1 }\n")
  (wait "gopls' diagnostics" (lambda () (> (from "compiler") 0)))
  (saw 'both (vconcat (diagnostics)))
  (delete-region (save-excursion (forward-line -2) (point)) (point-max))
  (wait "it to be put right" (lambda () (= (from "compiler") 0)))

  (choose 88 "Explain")
  (with-current-buffer (messages-buffer) (saw 'explained (buffer-string)))
  (letgo-diff)
  (with-current-buffer "*letgo diff*" (saw 'diff (buffer-string)))

  ;; The questions are put before anything changes.
  (setq looked-at (current-buffer)
        text-before (buffer-string))
  (cl-letf (((symbol-function 'y-or-n-p) (lambda (&rest _) t)) ; eglot asks for files not visited
            ((symbol-function 'completing-read) (lambda (prompt &rest _) (answer prompt))))
    (choose 88 "Release s.mu during the call")
    (wait "the finding to go" (lambda () (and (assq 'question saw) (= (from "letgo") 0))))
    (letgo-apply t))
  (save-some-buffers t))

(condition-case err
    (edit-file)
  (error (message "%s" (error-message-string err)) (kill-emacs 1)))
(let ((coding-system-for-write 'utf-8-unix))
  (write-region (json-encode saw) nil (getenv "OUT")))
(ignore-errors (eglot-shutdown (eglot-current-server)))
(kill-emacs 0)
