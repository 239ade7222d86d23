#include "onboarding/kyc_steps.hpp"
#include "onboarding/onboarding.hpp"
#include "onboarding/queries.hpp"

namespace astrotalk::onboarding {
namespace {

std::string name_place(const std::string& row) { return fmt::format("{}:{}", kyc::legal_name_purpose, row); }
std::string evidence_place(const std::string& row) {
    return fmt::format("{}:{}", kyc::evidence_purpose, row);
}
std::string token_place(const std::string& row) { return fmt::format("{}:{}", kyc::token_purpose, row); }
std::string origin_place(const std::string& row) { return fmt::format("{}:{}", kyc::origin_purpose, row); }
std::string return_place(const std::string& row) { return fmt::format("{}:{}", kyc::return_purpose, row); }

constexpr jobs::sealed_column columns[] = {
    {"astrologer.legal_name", kyc::legal_name_purpose, name_place, sql::read_sealed_legal_names,
     sql::replace_sealed_legal_names},
    {"payout_account.secrets", payout::sealed_purpose, payout::place_of, sql::read_sealed_payout_accounts,
     sql::replace_sealed_payout_accounts},
    {"kyc_session.evidence", kyc::evidence_purpose, evidence_place, sql::read_sealed_evidence,
     sql::replace_sealed_evidence},
    {"kyc_session.token", kyc::token_purpose, token_place, sql::read_sealed_kyc_tokens,
     sql::replace_sealed_kyc_tokens},
    {"kyc_session.origin", kyc::origin_purpose, origin_place, sql::read_sealed_kyc_origins,
     sql::replace_sealed_kyc_origins},
    {"kyc_session.return", kyc::return_purpose, return_place, sql::read_sealed_kyc_returns,
     sql::replace_sealed_kyc_returns},
};

}  // namespace

std::span<const jobs::sealed_column> sealed_columns() { return columns; }

}  // namespace astrotalk::onboarding
