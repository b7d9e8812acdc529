package verdict

// waitSigns weighs what a wait for another goroutine is about.
func (j *judging) waitSigns() {
	if d := j.f.Deadlock; d != nil {
		sign := "deadlock"
		if d.Timed {
			sign = "stall"
		}
		j.see(sign, d.Op.Pos(), "%s", d.Message())
	}
	if len(j.main.Path) == 0 {
		j.see("direct", j.main.Pos(), "the function waits itself, not in a call of another one")
	}
}
