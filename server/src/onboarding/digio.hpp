// Digio's REST API, as far as KYC needs it (facts about it that are inferred are each in one function, and
// say so). Of an answer only the status and an error's code are logged: its words may be about a person.
//
// Thread-safe. Lifetime: the HTTP client and the breaker outlive it.
#pragma once

#include "http/provider_api.hpp"
#include "onboarding/provider.hpp"

namespace astrotalk::onboarding::digio {

struct options {
    std::string api_url;      // https://api.digio.in; their sandbox: https://ext.digio.in:444
    std::string gateway_url;  // https://app.digio.in; their sandbox: https://ext.digio.in
    std::string client_id;
    secret client_secret;
    std::string template_name;
    std::string redirect_url;  // where Digio's pages lead back to; empty: nowhere
    std::chrono::milliseconds deadline{15'000};
};

class client final : public kyc::provider {
  public:
    client(http::client& out, http::breaker& guard, options how);

    task<result<kyc::created_request, kyc::create_fault>> create(std::string transaction, personal identifier,
                                                                 personal name) override;
    task<kyc::provider_answer> read(std::string kid) override;
    task<bool> approve(std::string kid) override;
    task<std::optional<kyc::page_token>> renew_token(std::string kid, personal identifier) override;
    secret page_url(const std::string& kid, const personal& identifier,
                    const kyc::page_token& with) const override;
    const std::string& template_name() const override { return how_.template_name; }

    // The bytes of a file, of a size that a photo or a paper has; nothing when it is not to be had.
    task<std::optional<std::string>> media(std::string file_id, std::string_view doc_type);

  private:
    options how_;
    http::provider_api api_;
};

// --- The forms of its answers. Pure.

// Nothing when the body is no request.
std::optional<kyc::provider_view> parse_request(std::string_view body);
std::optional<kyc::created_request> parse_created(std::string_view body);
std::optional<kyc::page_token> parse_token(std::string_view body);
// An error's code, if it is a word that can be logged; else empty.
std::string parse_error_code(std::string_view body);
// KID, KIA, FIL, … and 29 digits and capital letters.
bool is_id(std::string_view text, std::string_view prefix);

// The request that a webhook's body is about, as far as it says. Nothing of it is believed.
struct hint {
    std::string event;  // in lower case
    std::string kid;    // empty: it names none
    std::string transaction_id;
};
hint parse_hint(std::string_view body);

}  // namespace astrotalk::onboarding::digio
