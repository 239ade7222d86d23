// Whose X-Forwarded-For is believed. Pure; thread-safe once made.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace astrotalk::http {

class trusted_proxies {
  public:
    trusted_proxies();  // loopback
    // Addresses and networks: "10.1.2.3", "10.0.0.0/8", "2001:db8::/32". Nothing when one is neither.
    static std::optional<trusted_proxies> parse(const std::vector<std::string>& networks);

    bool trust(std::string_view address) const;

  private:
    // IPv4 as it is mapped into IPv6.
    struct network {
        std::array<unsigned char, 16> address{};
        unsigned bits = 128;
    };
    static std::optional<network> read(std::string_view text);

    std::vector<network> networks_;
};

// The client behind trusted proxies: `peer`, unless it is one of them and `forwarded` (X-Forwarded-For) names
// another. Only what they appended is believed: the right-most address that is not one of theirs.
std::string client_address(std::string_view peer, std::string_view forwarded, const trusted_proxies& proxies);

}  // namespace astrotalk::http
