package import Foundation

/// The folder of the checkout.
package let repository = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL
