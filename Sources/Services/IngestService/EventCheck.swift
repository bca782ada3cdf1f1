internal import Events
internal import Messages

/// What keeps a message out of the log, by the rules that imports and queries share.
enum EventCheck {
    /// The first problem of a message, with the rule that the ledger counts it under.
    struct Problem {
        var field: String
        var reason: String
        var remedy: String
        /// "latitude", "instant_ms": the field without its index, so that rules stay few.
        var rule: String { field.split(separator: ".").last.map(String.init) ?? field }

        init(field: String, reason: String, remedy: String) {
            self.field = field
            self.reason = reason
            self.remedy = remedy
        }

        init(_ problem: FieldProblem) {
            field = problem.field
            reason = problem.reason
            remedy = problem.remedy
        }

        init(_ error: MessageError) {
            field = error.path
            reason = error.problem
            remedy = error.remedy
        }
    }

    static func problem(with wire: Wire.Event) -> Problem? {
        do {
            let problem =
                try Event(wire).validate().first
                // It stays in the log, for measuring: the domain's event has none.
                ?? EventLimits.problems(text: wire.recommendationId, field: "recommendation_id")
                .first
            return problem.map(Problem.init)
        } catch {
            return Problem(error)
        }
    }

    static func problem(with wire: Wire.Item) -> Problem? {
        do {
            return try Item(wire).validate().first.map(Problem.init)
        } catch {
            return Problem(error)
        }
    }

    static func problem(with wire: Wire.User) -> Problem? {
        problem(withID: wire.id, field: "id")
            ?? EventLimits.problems(tags: wire.tags, field: "tags").first.map(Problem.init)
    }

    static func problem(withID id: String, field: String) -> Problem? {
        EventLimits.problems(text: id, field: field, isRequired: true).first.map(Problem.init)
    }
}

extension Wire.RefusedEvent {
    init(index: Int, _ problem: EventCheck.Problem) {
        self.init(
            index: UInt32(index),
            field: problem.field,
            reason: problem.reason,
            remedy: problem.remedy
        )
    }
}
