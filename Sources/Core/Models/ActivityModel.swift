/// A model that answers PredictActivity from outputs of its own.
package protocol ActivityModel: RecommenderModel {
    /// P(the user acts within the question's hour of the week, in a week); nil where its time is
    /// hidden. In 0...1.
    func slotProbability(for question: Question) -> Float?

    /// P(the user acts on the item in a week), shape [items], each in 0...1.
    func itemProbabilities(for question: Question) -> [Float]
}
