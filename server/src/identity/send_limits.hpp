// What a code is counted against before it is sent, besides its phone.
//
// Addresses, devices and number prefixes are personal data: what is stored is a keyed hash. Pure but for the
// keys; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/keyring.hpp"
#include "identity/domain.hpp"

namespace astrotalk::identity {

// Where a request comes from. Empty: not known, and not counted.
struct origin {
    std::string address;  // of the client, trusted proxies resolved
    std::string device;   // what the app calls its installation; who wants can change it
    std::string agent{};  // User-Agent, for the list of sessions
};

// Whether that can be the name of a device: so that nobody has us hash a book.
bool is_device(std::string_view name);

// Codes that nobody entered: so many at once, and so many a day. Defaults: many people sit behind one address
// of an Indian carrier, but most of them enter their codes.
struct send_limits {
    int address = 200;   // one IPv4 address or IPv6 /64
    int network = 1000;  // a /24, or a /48
    int prefix = 500;    // numbers that share their first six digits: 10,000 in India
    int device = 20;
    // All messages with a code, of all nodes: what the budget buys in a clock hour and in a day of India.
    int hourly = 100'000;
    int daily = 500'000;
};

// The buckets of one code and what each holds, in the order of their keys.
struct send_buckets {
    std::vector<bytes> keys;
    std::vector<std::int32_t> most;
};
send_buckets buckets_of(const crypto::keyring& keys, const send_limits& limits, const phone_number& phone,
                        const origin& from);

// "192.0.2.7" and "192.0.2"; of IPv6 the first 64 and 48 bits in hex. Both are the text itself when it is no
// address.
struct place {
    std::string address, network;
};
place place_of(std::string_view address);

}  // namespace astrotalk::identity
