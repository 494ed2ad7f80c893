import SysGenIDCore
import Testing

@testable import SysGenIDFrontends

/// Which device comes next into a place of the table: no number is given twice.
struct DevicePlacesTests {
    private static func id(_ slot: Int, _ uses: UInt32) -> DeviceID { DeviceID(slot: slot, uses: uses) }

    private enum Event {
        case found(Int, UInt32)
        case free(Int, UInt32)
        case hold(Int, UInt32)
        case release(Int, UInt32)
        case skip(Int, UInt32)
    }

    private static let cases: [(name: String, events: [Event], next: [DeviceID])] = [
        ("an empty table begins behind what is no device", [], [id(2, 0), id(3, 0)]),
        ("what was found is not given", [.found(4, 7), .hold(4, 7)], [id(5, 0)]),
        ("a place that was used has had a device", [.found(2, 3), .free(2, 3)], [id(2, 3), id(3, 0)]),
        (
            "who is gone has no successor of his number", [.hold(2, 0), .found(2, 0), .release(2, 0)],
            [id(2, 1), id(3, 0)]
        ),
        (
            "the one that was given up last comes first", [.free(3, 1), .free(2, 1), .found(3, 1)],
            [id(2, 1), id(3, 1)]
        ),
        (
            "what is skipped leaves those before it", [.skip(4, 6), .release(4, 6)],
            [id(4, 7), id(3, 0), id(2, 0), id(5, 0)]
        ),
        (
            "what is skipped was known with less", [.found(2, 1), .free(2, 1), .skip(2, 3), .release(2, 3)],
            [id(2, 4), id(3, 0)]
        ),
    ]

    @Test func theNextIsNoneThatWas() {
        for (name, events, next) in Self.cases {
            var places = DevicePlaces()
            for event in events {
                switch event {
                case .found(let slot, let uses): places.found(Self.id(slot, uses))
                case .free(let slot, let uses): places.free(Self.id(slot, uses))
                case .hold(let slot, let uses): places.hold(Self.id(slot, uses))
                case .release(let slot, let uses): places.release(Self.id(slot, uses))
                case .skip(let slot, let uses): places.skip(to: Self.id(slot, uses))
                }
            }
            #expect((0..<next.count).map { _ in places.take() } == next, "\(name)")
        }
    }

    @Test func aPlaceIsTakenFromWhenItsDeviceIsThereUntilItIsNoMore() {
        var places = DevicePlaces()
        #expect(!places.isTaken(5))
        places.hold(Self.id(5, 2))
        #expect(places.isTaken(5) && !places.isTaken(4) && !places.isTaken(6))
        #expect(places.devices == [nil, nil, nil, nil, nil, Self.id(5, 2)])
        places.release(Self.id(5, 2))
        #expect(!places.isTaken(5))
    }

    @Test func thereAreNoMoreThanTheTableHasRoomFor() {
        var places = DevicePlaces()
        places.found(Self.id(DeviceTable.capacity - 2, 0))
        #expect(places.take() == Self.id(DeviceTable.capacity - 1, 0))
        #expect(places.take() == nil)
    }
}
