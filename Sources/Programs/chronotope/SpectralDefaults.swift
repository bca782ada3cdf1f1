/// What the spectral family takes for the list protocols, each chosen on the
/// protocol's validation part; where nothing is said, the family's own defaults.
enum SpectralDefaults {
    /// gowalla-cf, recall@20 / ndcg@20 on 4,000 users: without a hop 0.2146 / 0.1418; item exponent
    /// 0.3 0.2214 / 0.1442, 0.4 0.2228 / 0.1450, 0.5 0.2215 / 0.1447. yelp2018-cf: without 0.1030 /
    /// 0.0782; 0.3 0.1040 / 0.0784, 0.4 0.1054 / 0.0793, 0.5 0.1055 / 0.0801.
    static let lists = ["hop-weight": "1.5"]

    /// movielens-100k, ndcg@20: rank 16 0.2425, 32 0.2464, 64 0.2431, 1024 0.2387; with low ratings
    /// left out, rank 32 0.2562.
    static let ratings = ["rank": "32", "action-weights": "0 0 0.5 1 1"]

    /// taobao-mb, weights of buy, cart and view; hr@10 / ndcg@10: 1 1 1 0.2175 / 0.1064,
    /// 1 1 0.3 0.2190 / 0.1104, 1 0.5 0.2 0.2256 / 0.1178; with rank 256 0.1203 / 0.0642.
    static let behaviours = ["action-weights": "1 0.5 0.2"]

    /// retailrocket-mb, hr@10 / ndcg@10: rank 64 0.0158 / 0.0078, 256 0.0215 / 0.0115,
    /// 512 0.0282 / 0.0140, 1024 0.0282 / 0.0127.
    static let timedBehaviours = ["rank": "512"]

    /// movielens-1m-seq, ndcg@10: rank 128 0.0449, 256 0.0447.
    static let sequences = ["rank": "128"]

    /// foursquare-tky-sessions, recall@10: rank 256 0.2642, 1024 0.3208.
    static let sessions: [String: String] = [:]
}
