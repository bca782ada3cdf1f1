extension LiveStatistics {
    /// How often any user went from an item to another within a day, by the item gone to; nothing
    /// for items outside the catalogue.
    package func transitions(from item: Int32) -> [LinkRows.Link] {
        itemLinks.rows.indices.contains(Int(item)) ? itemLinks.rows[Int(item)] : []
    }
}
