package kb

// Job is work for an index, left by the catalog in the transaction of the change itself: a document
// whose passages or their validity changed, or, with an empty DocID, changed service items. Jobs are
// delivered at least once, so working one off must be repeatable.
type Job struct {
	ID      string `json:"-"`
	Tenant  string `json:"tenant"`
	DocID   string `json:"doc_id,omitempty"`
	Version int    `json:"version,omitempty"` // newest of the document when the job was made
	Items   int64  `json:"items,omitempty"`   // revision of the items when the job was made
}
