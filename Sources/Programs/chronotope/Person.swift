import Foundation

/// Who runs the program, for histories.
enum Person {
    static var name: String { NSUserName() }
}
