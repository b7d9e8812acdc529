package shapes

import (
	"github.com/letgo-dev/letgo/rewrite/shapes/collect"
)

// Collect decides under the lock and acts after its release.
//
// It applies to calls and sends between guarded statements whose results are not used:
// in a loop, or in a branch after which the section continues. Their operands are
// collected in a variable, and once the lock is released the calls are made in the same
// order. So everything that follows them in the section now comes first, and must not
// depend on them: it must not use what they change, nor the object that they were made
// on. An object whose life they end must be taken out of what the lock guards.
//
// A deferred release becomes an explicit one at the end. If the section may return
// after something was collected, the calls are deferred before the release instead, so
// that they run after it on every path on which they ran before.
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
	Doc:  "decide under the lock and act after it: collect calls between guarded statements, and make them after the release",
	Plan: collect.Plan,
}
