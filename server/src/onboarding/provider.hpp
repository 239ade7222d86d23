// Whoever looks at people's papers for us, as this folder needs them: the foreign world of KYC.
#pragma once

#include <optional>
#include <string>

#include "core/result.hpp"
#include "core/secret.hpp"
#include "core/task.hpp"
#include "onboarding/kyc.hpp"

namespace astrotalk::onboarding::kyc {

// What opens the provider's pages for one person.
struct page_token {
    secret id;
    std::optional<instant> valid_till;
};

struct created_request {
    std::string kid;
    std::optional<page_token> opens;
};

enum class create_fault : std::uint8_t {
    not_sent,    // nothing left this house: there is no request
    refused,     // the provider said no: there is none
    unanswered,  // there may be one
};

// No call throws but for a broken invariant; each has its deadline.
class provider {
  public:
    virtual ~provider() = default;
    // Never sent twice. `transaction` is our session's id; `identifier` the person's phone, `name` their
    // legal one.
    virtual task<result<created_request, create_fault>> create(std::string transaction, personal identifier,
                                                               personal name) = 0;
    // The truth about a request.
    virtual task<provider_answer> read(std::string kid) = 0;
    // False: it was not reached, or refused.
    virtual task<bool> approve(std::string kid) = 0;
    virtual task<std::optional<page_token>> renew_token(std::string kid, personal identifier) = 0;
    // Where the person goes.
    virtual secret page_url(const std::string& kid, const personal& identifier,
                            const page_token& with) const = 0;
    // What the request is made from, for the record.
    virtual const std::string& template_name() const = 0;
};

}  // namespace astrotalk::onboarding::kyc
