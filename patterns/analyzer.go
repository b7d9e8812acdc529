package patterns

// AnalyzerName is the name under which go vet and other drivers know letgo.
const AnalyzerName = "letgo"
