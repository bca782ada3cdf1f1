internal import Messages
internal import RPC

extension QueryService {
    /// Patterns are stored with their version: any model server can read them, and judges what is
    /// asked.
    func registerPatterns(on router: inout Router) {
        pass(Methods.queryListPatterns, to: Methods.modelListPatterns, on: &router)
        pass(Methods.queryGetPattern, to: Methods.modelGetPattern, on: &router)
        pass(Methods.queryPatternDrift, to: Methods.modelPatternDrift, on: &router)
    }

    private func pass<Request: WireMessage, Reply: WireMessage>(
        _ method: Method<Request, Reply>,
        to other: Method<Request, Reply>,
        on router: inout Router
    ) {
        router.register(method) { [servers] wire, context in
            try await servers.any().call(
                other,
                wire,
                timeout: Self.modelTimeout,
                parent: context,
                isIdempotent: true
            )
        }
    }
}
