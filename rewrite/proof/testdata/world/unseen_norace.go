package world

func unseen(f func()) { f() }

func races() int { return 0 }
