/// What the spectral family takes for the list protocols, each chosen on the
/// protocol's validation part; where nothing is said, the family's own defaults.
enum SpectralDefaults {
    /// Recall@20 / ndcg@20 by weight of the regressions. gowalla-cf: 0.2 0.2178 / 0.1462, 0.6 0.2233 /
    /// 0.1508, 1.5 0.2241 / 0.1524, without a filter 0.2156 / 0.1472; a hop instead 0.2170 / 0.1450.
    /// yelp2018-cf: 0.2 0.1110 / 0.0846, 0.6 0.1133 / 0.0869, 1.5 0.1123 / 0.0866, without a filter
    /// 0.1037 / 0.0808; a hop 0.1083 / 0.0821.
    static let lists = ["link-weight": "1.5"]

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
