package guard

// Label stands with every text that a model wrote, as 《人工智能生成合成内容标识办法》 asks of text that is shown
// to the public: a remark beside the answer where there is room for one, else a last line.
const Label = "以上文字由人工智能根据引用的原文生成，请以原文为准。"
