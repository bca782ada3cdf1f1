/// Calls of one service to another in the same process, on behalf of a call that is being served.
///
/// The outer call keeps the deadline, answers when it passes, and cancels the task that both run in. So
/// such a call needs no frame, no timer and no task of its own; it is admitted, routed, counted and
/// logged as any other.
extension RPCServer {
    /// - Throws: what the reply would say.
    func answer(
        _ envelope: RequestEnvelope,
        until deadline: ContinuousClock.Instant
    ) async throws(RPCError) -> [UInt8] {
        let arrival = ContinuousClock.now
        var head = EnvelopePeek()
        head.method = envelope.method
        head.requestID = envelope.requestID
        let byteCount = envelope.payload.count
        let route: Router.Route
        do throws(RPCError) {
            route = try admitted(envelope.method, byteCount)
        } catch {
            observe(head, .failure(error), arrival, isRejected: true, nil)
            throw error
        }
        for observer in observers { observer.began(method: envelope.method) }
        let (result, unmapped) = await result(of: envelope, route, until: deadline)
        leave(route.admission, byteCount, method: envelope.method)
        observe(head, result, arrival, isRejected: false, unmapped)
        return try result.get()
    }

    private func admitted(
        _ method: String,
        _ byteCount: Int
    ) throws(RPCError) -> Router.Route {
        guard let route = router.route(for: method) else { throw Self.unknownMethod }
        let limit = min(route.maxFrameBytes, settings.maxFrameBytes)
        guard byteCount <= limit else {
            throw RPCError.frameTooLarge(byteCount, limit: limit)
        }
        let decision = state.withLock { $0.gate.admit(route.admission, frameBytes: byteCount) }
        guard decision == .admitted else { throw refusal(decision) }
        return route
    }

    private func result(
        of envelope: RequestEnvelope,
        _ route: Router.Route,
        until deadline: ContinuousClock.Instant
    ) async -> (Result<[UInt8], RPCError>, unmapped: String?) {
        let context = CallContext(
            requestID: envelope.requestID,
            method: envelope.method,
            deadline: deadline,
            metadata: envelope.metadata,
            idempotencyKey: envelope.idempotencyKey,
            isIdempotent: envelope.isIdempotent
        )
        do {
            guard .now < deadline else { throw Self.expired }
            return (.success(try await perform(route, envelope.payload, context)), nil)
        } catch let error as RPCError {
            return (.failure(error), nil)
        } catch is CancellationError {
            return (.failure(RPCError(.cancelled, "the caller left")), nil)
        } catch {
            return (.failure(.unmapped), "\(type(of: error)): \(error)")
        }
    }
}
