// Signed requests: one that was signed verifies, and none that the fuzzer makes of it does.
#include <cstdlib>

#include "aws/sigv4.hpp"
#include "crypto/crypto.hpp"

namespace {

using namespace astrotalk;
using header = std::pair<std::string_view, std::string_view>;

// Lines of the input: path, query, body, then headers, "name:value".
struct lines {
    std::string_view rest;
    std::string_view next() {
        const auto end = rest.find('\n');
        const auto line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        return line;
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const aws::credentials who{
        "AKIAIOSFODNN7EXAMPLE", secret("a secret of forty letters, about so many"), {}};
    static const aws::scope where{"ap-south-1", "cognito-idp"};
    lines input{{reinterpret_cast<const char*>(data), size}};
    const auto path = input.next(), query = input.next(), body = input.next();
    std::vector<header> headers;
    while (!input.rest.empty() && headers.size() < 64) {
        const auto line = input.next();
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
    }
    const std::string digest = crypto::hex(crypto::sha256(body));
    const instant now = clock::now();
    aws::request_view request{
        .method = "POST", .path = path, .query = query, .headers = headers, .body_sha256 = digest};
    // Whoever has not the secret is refused, whatever they claim.
    if (const auto claimed = aws::read_claim(request);
        claimed && aws::verify(*claimed, request, who.secret_access_key, where, now))
        std::abort();

    headers.assign({{"host", "auth.example.in"}, {"content-type", "application/x-amz-json-1.1"}});
    request.headers = headers;
    const auto made = aws::sign(request, who, where, now);
    for (const auto& [name, value] : made) headers.emplace_back(name, value);
    request.headers = headers;
    const auto claimed = aws::read_claim(request);
    if (!claimed || !aws::verify(*claimed, request, who.secret_access_key, where, now)) std::abort();
    return 0;
}
