extension RunRecord {
    /// What the passes of one fit found, as far as they are kept.
    package struct Curve: Codable, Hashable, Sendable {
        package struct Pass: Codable, Hashable, Sendable {
            /// From 1.
            package var number: Int
            /// What training made smaller; finite.
            package var loss: Double
            /// The same on the events held back to stop early; nil without any.
            package var validationLoss: Double?
            package var validationMRR: Double?

            package init(
                number: Int,
                loss: Double,
                validationLoss: Double? = nil,
                validationMRR: Double? = nil
            ) {
                self.number = number
                self.loss = loss
                self.validationLoss = validationLoss
                self.validationMRR = validationMRR
            }
        }

        /// More are thinned: a record is read and sent whole.
        package static let maxPasses = 200

        /// Of the fit, as its checkpoint is called.
        package let fit: String
        /// In order.
        package private(set) var passes: [Pass] = []
        /// Every so manieth pass is kept, from the first, and the newest.
        private var stride = 1

        package init(fit: String) { self.fit = fit }

        /// Adds a pass. What is kept of it and later ones goes: a fit that went on from its
        /// checkpoint makes them again.
        package mutating func add(_ pass: Pass) {
            passes.removeAll { $0.number >= pass.number }
            if let last = passes.last, !isKept(last) { passes.removeLast() }
            passes.append(pass)
            guard passes.count > Self.maxPasses else { return }
            stride *= 2
            passes = passes.filter { isKept($0) || $0.number == pass.number }
        }

        private func isKept(_ pass: Pass) -> Bool { (pass.number - 1) % stride == 0 }
    }

    /// Adds a pass to the curve of the fit, which may be its first.
    package mutating func add(_ pass: Curve.Pass, of fit: String) {
        var all = curves ?? []
        let index = all.firstIndex { $0.fit == fit } ?? all.count
        if index == all.count { all.append(Curve(fit: fit)) }
        all[index].add(pass)
        curves = all
    }
}
