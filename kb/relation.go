package kb

// RelationKind is how one text acts on another.
type RelationKind string

// The kinds of relations, From acting on To.
const (
	Repeals      RelationKind = "repeals"       // 废止
	Amends       RelationKind = "amends"        // 修改若干条款
	Supersedes   RelationKind = "supersedes"    // 以新的全文代替
	Extends      RelationKind = "extends"       // 延长有效期
	Suspends     RelationKind = "suspends"      // 暂停执行
	CleanupList  RelationKind = "cleanup_list"  // 清理目录：一文废止、宣布失效多文
	Interprets   RelationKind = "interprets"    // 解读
	AttachmentOf RelationKind = "attachment_of" // 附件
	BasedOn      RelationKind = "based_on"      // 依据
)

// Relation is one stated act of a text on another. To may name a document that the knowledge base
// does not hold (yet): it is then ToRef alone, and is resolved when that document arrives.
type Relation struct {
	Kind      RelationKind `json:"kind"`
	From      string       `json:"from"`                 // document ID
	To        string       `json:"to,omitempty"`         // document ID, empty while unresolved
	ToRef     string       `json:"to_ref,omitempty"`     // 发文字号, or 《title》, as the text names it
	Clauses   []string     `json:"clauses,omitempty"`    // the clauses of To, empty: the whole text
	Effective Date         `json:"effective"`            // first day of the effect
	Until     Date         `json:"until"`                // for Extends: the new last day, zero: open
	Basis     string       `json:"basis,omitempty"`      // passage that says so
	Quote     string       `json:"quote,omitempty"`      // its words
	Confident float64      `json:"confidence,omitempty"` // in [0,1]
}
