package kb

// TurnRef names one turn of a conversation as its owner does: with another tenant or subject there is no
// such turn.
type TurnRef struct {
	Tenant       string
	Subject      string
	Conversation string
	Turn         int
}

// Running is how many answers run at once, on all replicas together.
type Running struct {
	All     int
	Subject int // of a caller's subject
	Address int // of a caller's address
}
