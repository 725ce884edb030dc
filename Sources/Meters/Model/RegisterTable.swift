/// Totals by their keys.
package typealias RegisterTable<Key: Equatable & Sendable> = ShortTable<Key, GuardedTotal>
