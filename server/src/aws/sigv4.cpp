#include "aws/sigv4.hpp"

#include <date/date.h>

#include <charconv>
#include <map>

#include "crypto/crypto.hpp"

namespace astrotalk::aws {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view signature_name = "X-Amz-Signature";
constexpr std::chrono::seconds longest_link = std::chrono::hours(7 * 24);

using headers_by_name = std::map<std::string, std::string>;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string lowered(std::string_view text) {
    std::string made(text);
    for (char& c : made) c = lower(c);
    return made;
}

// Without blanks around, and with one where there were several.
std::string squeezed(std::string_view value) {
    std::string made;
    for (char c : value) {
        if (c == '\t') c = ' ';
        if (c == ' ' && (made.empty() || made.back() == ' ')) continue;
        made += c;
    }
    if (!made.empty() && made.back() == ' ') made.pop_back();
    return made;
}

// Lower-case names in order; several of one name are one, in the order of arrival.
headers_by_name canonical(std::span<const std::pair<std::string_view, std::string_view>> headers) {
    headers_by_name made;
    for (const auto& [name, value] : headers) {
        auto [at, is_new] = made.try_emplace(lowered(name), squeezed(value));
        if (!is_new) at->second += "," + squeezed(value);
    }
    return made;
}

bool is_unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

std::string percent_decoded(std::string_view text) {
    std::string made;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned char byte = 0;
        const char* const from = text.data() + i + 1;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(from, from + 2, byte, 16).ptr == from + 2) {
            made += static_cast<char>(byte);
            i += 2;
        } else {
            made += text[i];
        }
    }
    return made;
}

// Decoded, in the order of the query.
std::vector<std::pair<std::string, std::string>> parameters_of(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> parameters;
    while (!query.empty()) {
        const auto end = query.find('&');
        const auto each = query.substr(0, end);
        query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
        if (each.empty()) continue;
        const auto equals = each.find('=');
        const auto value = equals == std::string_view::npos ? std::string_view() : each.substr(equals + 1);
        parameters.emplace_back(percent_decoded(each.substr(0, equals)), percent_decoded(value));
    }
    return parameters;
}

// Parameters in the order of their encoded names, then values. A link's signature does not sign itself.
std::string canonical_query(std::string_view query, bool link) {
    std::vector<std::pair<std::string, std::string>> parameters;
    for (const auto& [name, value] : parameters_of(query))
        if (!link || name != signature_name)
            parameters.emplace_back(percent_encoded(name), percent_encoded(value));
    std::sort(parameters.begin(), parameters.end());
    std::string made;
    for (const auto& [name, value] : parameters) made += (made.empty() ? "" : "&") + name + "=" + value;
    return made;
}

// S3 signs the path as it was sent; every other service encodes it once more.
std::string canonical_path(std::string_view path, const scope& where) {
    if (path.empty()) return "/";
    return where.service == "s3" ? std::string(path) : percent_encoded(path, "/");
}

std::string joined(const std::vector<std::string>& names) {
    std::string made;
    for (const auto& each : names) made += (made.empty() ? "" : ";") + each;
    return made;
}

std::string canonical_request(const request_view& r, const headers_by_name& headers,
                              const std::vector<std::string>& signed_headers, const scope& where,
                              bool link = false) {
    std::string text(r.method);
    text += "\n" + canonical_path(r.path, where) + "\n" + canonical_query(r.query, link) + "\n";
    for (const auto& name : signed_headers) {
        const auto found = headers.find(name);
        text += name + ":" + (found == headers.end() ? "" : found->second) + "\n";
    }
    text += "\n" + joined(signed_headers) + "\n";
    return text.append(r.body_sha256);
}

std::string signature_of(std::string_view canonical, const secret& key, std::string_view time,
                         const scope& where) {
    const auto day = time.substr(0, 8);
    const std::string to_sign = std::string(algorithm) + "\n" + std::string(time) + "\n" +
                                credential_scope(day, where) + "\n" + crypto::hex(crypto::sha256(canonical));
    return crypto::hex(crypto::hmac_sha256(signing_key(key, day, where), to_sign));
}

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc() || read.ptr != end || value < 0) return std::nullopt;
    return value;
}

// "20150830T123600Z", and nothing else.
std::optional<instant> parse_amz_time(std::string_view text) {
    if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
    const auto year = number(text.substr(0, 4)), month = number(text.substr(4, 2)),
               day = number(text.substr(6, 2)), hour = number(text.substr(9, 2)),
               minute = number(text.substr(11, 2)), second = number(text.substr(13, 2));
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    const date::year_month_day on{date::year(*year), date::month(static_cast<unsigned>(*month)),
                                  date::day(static_cast<unsigned>(*day))};
    if (!on.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
    return instant(date::sys_days(on)) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second);
}

std::vector<std::string> split(std::string_view text, char by) {
    std::vector<std::string> parts;
    for (std::size_t from = 0; from <= text.size();) {
        const auto end = std::min(text.find(by, from), text.size());
        parts.emplace_back(text.substr(from, end - from));
        from = end + 1;
    }
    return parts;
}

// The value of "Name=value" among the comma-separated parts of an authorization header.
std::optional<std::string> part(std::string_view header, std::string_view name) {
    for (const auto& each : split(header, ',')) {
        const auto text = squeezed(each);
        if (text.size() > name.size() && text.starts_with(name) && text[name.size()] == '=')
            return text.substr(name.size() + 1);
    }
    return std::nullopt;
}

// In order, each once, lower case: a second spelling of one signature is not needed.
bool well_formed(const std::vector<std::string>& names) {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i].empty() || lowered(names[i]) != names[i] || (i > 0 && names[i - 1] >= names[i]))
            return false;
    return !names.empty() && names.size() <= 64;
}

// What a header and a link say alike.
std::optional<claim> assembled(std::string_view credential, const std::string& time, std::string_view names,
                               std::string_view signature) {
    const auto at = parse_amz_time(time);
    auto parts = split(credential, '/');
    if (!at || parts.size() != 5 || parts[0].empty() || parts[4] != "aws4_request" ||
        time.substr(0, 8) != parts[1])
        return std::nullopt;
    claim made{std::move(parts[0]),
               *at,
               {std::move(parts[2]), std::move(parts[3])},
               std::move(parts[1]),
               split(names, ';'),
               std::string(signature)};
    if (signature.empty() || !well_formed(made.signed_headers)) return std::nullopt;
    return made;
}

bool covers(const claim& made, const headers_by_name& present) {
    const auto is_signed = [&](const std::string& name) {
        return std::binary_search(made.signed_headers.begin(), made.signed_headers.end(), name);
    };
    for (const auto& [name, value] : present)
        if (name.starts_with("x-amz-") && name != "x-amz-user-agent" && !is_signed(name)) return false;
    return is_signed("host");
}

}  // namespace

std::string percent_encoded(std::string_view text, std::string_view kept) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string made;
    for (const char c : text) {
        if (is_unreserved(c) || kept.find(c) != std::string_view::npos) {
            made += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        made += {'%', digits[byte >> 4], digits[byte & 15]};
    }
    return made;
}

std::string credential_scope(std::string_view day, const scope& where) {
    return std::string(day) + "/" + where.region + "/" + where.service + "/aws4_request";
}

std::string amz_time(instant at) {
    return date::format("%Y%m%dT%H%M%SZ", date::floor<std::chrono::seconds>(at));
}

bytes signing_key(const secret& key, std::string_view day, const scope& where) {
    bytes derived = crypto::hmac_sha256("AWS4" + key.reveal(), day);
    derived = crypto::hmac_sha256(derived, where.region);
    derived = crypto::hmac_sha256(derived, where.service);
    return crypto::hmac_sha256(derived, "aws4_request");
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
    for (auto& [each, value] : parameters_of(query))
        if (each == name) return std::move(value);
    return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> sign(const request_view& request, const credentials& who,
                                                      const scope& where, instant now) {
    const std::string time = amz_time(now);
    std::vector<std::pair<std::string, std::string>> added{{"x-amz-date", time}};
    if (!who.session_token.empty()) added.emplace_back("x-amz-security-token", who.session_token);
    auto headers = canonical(request.headers);
    for (const auto& [name, value] : added) headers[name] = value;
    std::vector<std::string> names;
    for (const auto& [name, value] : headers) names.push_back(name);
    const auto signature =
        signature_of(canonical_request(request, headers, names, where), who.secret_access_key, time, where);
    added.emplace_back("authorization", std::string(algorithm) + " Credential=" + who.access_key_id + "/" +
                                            credential_scope(time.substr(0, 8), where) +
                                            ", SignedHeaders=" + joined(names) + ", Signature=" + signature);
    return added;
}

std::string presign(const request_view& request, const credentials& who, const scope& where, instant now,
                    std::chrono::seconds lifetime) {
    const std::string time = amz_time(now);
    const auto headers = canonical(request.headers);
    std::vector<std::string> names;
    for (const auto& [name, value] : headers) names.push_back(name);
    std::string query(request.query);
    const auto add = [&](std::string_view name, std::string_view value) {
        query += (query.empty() ? "" : "&") + std::string(name) + "=" + percent_encoded(value);
    };
    add("X-Amz-Algorithm", algorithm);
    add("X-Amz-Credential", who.access_key_id + "/" + credential_scope(time.substr(0, 8), where));
    add("X-Amz-Date", time);
    add("X-Amz-Expires", std::to_string(lifetime.count()));
    if (!who.session_token.empty()) add("X-Amz-Security-Token", who.session_token);
    add("X-Amz-SignedHeaders", joined(names));
    auto asked = request;
    asked.query = query;
    const auto text = canonical_request(asked, headers, names, where, true);
    add(signature_name, signature_of(text, who.secret_access_key, time, where));
    return query;
}

result<claim, signature_fault> read_claim(const request_view& request) {
    const auto headers = canonical(request.headers);
    const auto header = headers.find("authorization");
    if (header == headers.end()) return signature_fault::missing;
    const std::string_view text = header->second;
    if (!text.starts_with(algorithm) || text.size() > 4096) return signature_fault::incomplete;
    const auto rest = text.substr(algorithm.size());
    const auto credential = part(rest, "Credential"), names = part(rest, "SignedHeaders"),
               signature = part(rest, "Signature");
    const auto time = headers.find("x-amz-date");
    if (!credential || !names || !signature || time == headers.end()) return signature_fault::incomplete;
    auto made = assembled(*credential, time->second, *names, *signature);
    if (!made || !covers(*made, headers)) return signature_fault::incomplete;
    if (const auto token = headers.find("x-amz-security-token"); token != headers.end())
        made->session_token = token->second;
    return std::move(*made);
}

result<claim, signature_fault> read_link(const request_view& request) {
    std::map<std::string, std::string> said;
    for (auto& [name, value] : parameters_of(request.query)) {
        if (!name.starts_with("X-Amz-")) continue;
        if (!said.emplace(name, std::move(value)).second) return signature_fault::incomplete;
    }
    if (!said.contains("X-Amz-Algorithm") && !said.contains(std::string(signature_name)))
        return signature_fault::missing;
    auto made = assembled(said["X-Amz-Credential"], said["X-Amz-Date"], said["X-Amz-SignedHeaders"],
                          said[std::string(signature_name)]);
    const auto lifetime = number(said["X-Amz-Expires"]);
    if (!made || said["X-Amz-Algorithm"] != algorithm || !lifetime || *lifetime == 0 ||
        *lifetime > longest_link.count() || !covers(*made, canonical(request.headers)))
        return signature_fault::incomplete;
    made->session_token = said["X-Amz-Security-Token"];
    made->lifetime = std::chrono::seconds(*lifetime);
    return std::move(*made);
}

result<void, signature_fault> verify(const claim& made, const request_view& request, const secret& key,
                                     const scope& expected, instant now, std::chrono::minutes skew) {
    if (made.where != expected) return signature_fault::wrong_scope;
    const auto age = now - made.signed_at;
    if (age < -skew || (!made.lifetime && age > skew)) return signature_fault::skewed;
    if (made.lifetime && age > *made.lifetime) return signature_fault::expired;
    const auto text = canonical_request(request, canonical(request.headers), made.signed_headers, made.where,
                                        made.lifetime.has_value());
    const auto right = signature_of(text, key, amz_time(made.signed_at), made.where);
    if (!crypto::equal_constant_time(made.signature, right)) return signature_fault::mismatch;
    return {};
}

}  // namespace astrotalk::aws
