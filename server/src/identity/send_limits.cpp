#include "identity/send_limits.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <span>

namespace astrotalk::identity {
namespace {

constexpr std::size_t prefix_digits = 6;
constexpr std::size_t hash_size = 16;

}  // namespace

bool is_device(std::string_view name) {
    return name.size() >= 8 && name.size() <= 128 &&
           std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7f; });
}

place place_of(std::string_view address) {
    const std::string text(address);
    in6_addr v6{};
    if (inet_pton(AF_INET6, text.c_str(), &v6) == 1) {
        const std::span<const unsigned char> raw(v6.s6_addr, 16);
        return {crypto::hex(raw.first(8)), crypto::hex(raw.first(6))};
    }
    in_addr v4{};
    if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return {text, text.substr(0, text.rfind('.'))};
    return {text, text};
}

send_buckets buckets_of(const crypto::keyring& keys, const send_limits& limits, const phone_number& phone,
                        const origin& from) {
    send_buckets all;
    // The letters are in the order in which every statement locks (send_queries.sql).
    const auto add = [&](char letter, std::string_view value, int most) {
        const bytes mac = keys.mac("send-bucket", letter + std::string(value));
        bytes key{static_cast<unsigned char>(letter)};
        key.insert(key.end(), mac.begin(), mac.begin() + hash_size);
        all.keys.push_back(std::move(key));
        all.most.push_back(most);
    };
    const place where = place_of(from.address);
    if (!from.address.empty()) add('a', where.address, limits.address);
    if (!from.device.empty()) add('d', from.device, limits.device);
    if (!from.address.empty()) add('n', where.network, limits.network);
    add('p', phone.prefix(prefix_digits), limits.prefix);
    return all;
}

}  // namespace astrotalk::identity
