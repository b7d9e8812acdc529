package shapes

import (
	"github.com/letgo-dev/letgo/rewrite/shapes/collect"
)

// Collect decides under the lock and acts after its release.
//
// It applies to calls and sends whose results are not used and which stand
// among guarded statements: in a loop, in a branch that goes on. What they are
// made on is kept in a variable where they stood, and they are made, in the same
// order, once the lock is released. So everything that follows them in the
// section comes before them now, and none of it may depend on them: it must not
// use what they change, nor the object that they were made on. An object whose
// life they end has to be taken out of what the lock guards.
//
// A deferred release becomes an explicit one at the end. Where the section may
// return once something is kept, they are deferred before the release is instead,
// so that they run after it on every path that they would have run on.
//
//	// before
//	func (p *Pool) Prune(now time.Time) {
//		p.mu.Lock()
//		for key, f := range p.files {
//			if now.After(p.expires[key]) {
//				delete(p.files, key)
//				f.Close()
//			}
//		}
//		p.mu.Unlock()
//	}
//
//	// after
//	func (p *Pool) Prune(now time.Time) {
//		var closing []*os.File
//		p.mu.Lock()
//		for key, f := range p.files {
//			if now.After(p.expires[key]) {
//				delete(p.files, key)
//				closing = append(closing, f)
//			}
//		}
//		p.mu.Unlock()
//
//		for _, f := range closing {
//			f.Close()
//		}
//	}
var Collect = Shape{
	Name: "collect",
	Doc:  "decide under the lock and act after it: calls among guarded statements are kept and made after the release",
	Plan: collect.Plan,
}
