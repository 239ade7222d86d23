#include "identity/factor_notice.hpp"

#include "identity/queries.hpp"
#include "identity/send_code.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {
namespace {

struct owner_row {
    std::optional<bytes> phone_sealed;
    std::optional<std::string> language;
};
BOOST_DESCRIBE_STRUCT(owner_row, (), (phone_sealed, language))

factor_notice seal_notice(const crypto::keyring& keys, const sms::registration& texts, user_id to,
                          const std::optional<owner_row>& owner) {
    factor_notice notice{uuid::v7(), {}};
    if (!owner || !owner->phone_sealed) return notice;
    const auto written = sms::write("authenticator_changed", texts.language_for(owner->language), {});
    const auto phone = open_phone(keys, to, *owner->phone_sealed);
    notice.payload = seal_sms(keys, notice.outbox_id, phone, written);
    return notice;
}

}  // namespace

task<factor_notice> write_factor_notice(pg::client& pg, const crypto::keyring& keys,
                                        const sms::registration& texts, user_id to) {
    co_return seal_notice(keys, texts, to, co_await pg.read_one<owner_row>(sql::find_reachable, to));
}

task<factor_notice> write_factor_notice(pg::transaction& t, const crypto::keyring& keys,
                                        const sms::registration& texts, user_id to) {
    co_return seal_notice(keys, texts, to, co_await t.query_one<owner_row>(sql::find_reachable, to));
}

}  // namespace astrotalk::identity
