// For tests of this folder: Digio as a value that a test moves, and people who may be checked.
#pragma once

#include <gtest/gtest.h>

#include <map>

#include "onboarding/onboarding.hpp"
#include "pg/testing.hpp"

namespace astrotalk::onboarding::kyc {

inline evidence good_papers(std::string pan = "ABCPK1234F") {
    evidence seen;
    seen.pan = std::move(pan);
    seen.pan_name = seen.aadhaar_name = "ASHA RAO";
    seen.pan_birth_date = seen.aadhaar_birth_date = "1990-05-20";
    seen.aadhaar_last4 = "1234";
    seen.face_match = 91;
    return seen;
}

class model_digio final : public provider {
  public:
    enum class creation : std::uint8_t { answers, loses_answer, loses_request, refuses, away };

    task<result<created_request, create_fault>> create(std::string transaction, personal, personal) override {
        ++creations;
        if (next == creation::away) co_return create_fault::not_sent;
        if (next == creation::refuses) co_return create_fault::refused;
        if (next == creation::loses_request) co_return create_fault::unanswered;
        const auto kid = fmt::format("KID{:029}", ++count);
        requests[kid] = {.kid = kid, .transaction_id = transaction};
        by_transaction[transaction] = kid;
        if (before_answer) co_await before_answer(*uuid::parse(transaction), kid);
        if (next == creation::loses_answer) co_return create_fault::unanswered;
        co_return created_request{kid, page_token{secret("GWT1"), {}}};
    }
    task<provider_answer> read(std::string kid) override {
        ++reads;
        if (down) co_return silence::unavailable;
        if (!requests.contains(kid)) co_return silence::not_found;
        co_return requests[kid];
    }
    task<bool> approve(std::string kid) override {
        if (down) co_return false;
        if (requests[kid].status == provider_status::approval_pending)
            requests[kid].status = provider_status::approved;
        co_return true;
    }
    task<std::optional<page_token>> renew_token(std::string, personal) override {
        ++renewals;
        if (down) co_return std::nullopt;
        co_return page_token{secret("GWT2"), {}};
    }
    secret page_url(const std::string& kid, const personal&, const page_token& with) const override {
        return secret("https://digio.test/" + kid + "?" + with.id.reveal());
    }
    const std::string& template_name() const override { return template_; }

    provider_view& of(uuid session) { return requests.at(by_transaction.at(session.to_string())); }
    void finish(uuid session, provider_status with, evidence seen = good_papers()) {
        auto& r = of(session);
        r.status = with;
        r.submitted = true;
        r.seen = std::move(seen);
    }

    creation next = creation::answers;
    std::function<task<void>(uuid session, std::string kid)> before_answer;
    bool down = false;
    int count = 0, creations = 0, reads = 0, renewals = 0;
    std::map<std::string, provider_view> requests;
    std::map<std::string, std::string> by_transaction;

  private:
    std::string template_ = "T";
};

// A database with people in it who may start, and what they start with.
struct clinic {
    pg::testing::database db;
    crypto::keyring keys{bytes(32, 7)};
    model_digio digio;
    policy by;
    bool quality_review = false;

    service of(pg::client& pg) { return {pg, keys, digio, by, nullptr, quality_review}; }

    user_id person(bool consents = true, const std::string& name = "Asha Rao") {
        const auto id = user_id::make();
        const auto text = id.to_string();
        const auto phone = keys.seal("pool_user.phone", "+919812345670", "pool_user.phone:" + text);
        const auto sealed = keys.seal("astrologer.legal_name", name, "astrologer.legal_name:" + text);
        db.execute(
            "insert into pool_user (id, phone_hash, phone_sealed, confirmed_at, user_type, kyc_status, "
            "profile_status) values ('" +
            text + "', '" + text + "', '\\x" + crypto::hex(phone) +
            "', app_now(), 'astrologer', 'not_started', 'pending'); "
            "insert into astrologer (id, display_name, bio, languages, specializations, experience_years, "
            "city, status, submitted_at, legal_name_sealed) values ('" +
            text + "', 'Asha', 'bio', '{hi}', '{vedic}', 3, 'Pune', 'pending', app_now(), '\\x" +
            crypto::hex(sealed) + "')");
        if (consents) consent(id);
        return id;
    }
    void consent(user_id who) {
        db.execute(
            "insert into consent_notice (purpose, version, language, hash, content, items) values "
            "('kyc', 1, 'en', sha256('{}'), '{}', '[]') on conflict do nothing; "
            "insert into consent (id, user_id, purpose, notice_version, language, notice_hash, items, "
            "channel) values (gen_random_uuid(), '" +
            who.to_string() + "', 'kyc', 1, 'en', sha256('{}'), '[]', 'app')");
    }
    void withdraw(user_id who) {
        db.execute(
            "update consent set withdrawn_at = app_now(), withdrawn_channel = 'app' where user_id = '" +
            who.to_string() + "' and withdrawn_at is null");
    }
    // As if that much time had passed for that session.
    void age(uuid session, const std::string& interval) {
        db.execute("update kyc_session set started_at = started_at - interval '" + interval +
                   "', expires_at = expires_at - interval '" + interval +
                   "', next_check_at = app_now() where id = '" + session.to_string() + "'");
    }

    std::string state(uuid session) {
        return db.execute(
            "select state || coalesce(' ' || cause, '') || case when spared then ' spared' else '' "
            "end from kyc_session where id = '" +
            session.to_string() + "'");
    }
    std::string standing_of(user_id who) {
        return db.execute(
            "select kyc_status || ' ' || profile_status || ' ' || groups::text from pool_user where "
            "id = '" +
            who.to_string() + "'");
    }
    std::string audited(uuid subject) {
        return db.execute(
            "select string_agg(actor_role || ' ' || action, ', ' order by at, id) from audit_pending "
            "where subject_id = '" +
            subject.to_string() + "'");
    }
    std::string told() { return db.execute("select count(*) from outbox where kind = 'kyc.decided'"); }
};

inline http::idempotency_key new_key() {
    const auto text = uuid::v7().to_string();
    return {text, text};
}
// Everybody has an address of their own.
inline caller by_person(user_id who) {
    return {who, {"192.0.2.7 of " + who.to_string(), "Test/1.0", ""}, "r"};
}

}  // namespace astrotalk::onboarding::kyc
