/// What `Server.Info` says of deduplication by event id.
extension IngestService {
    package static let rememberedEventCount = Deduplicator.rememberedEvents
    package static let rememberedDays = Deduplicator.rememberedDays
}
