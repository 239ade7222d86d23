// For tests of uploads: a store as a value, with something that happens whenever it deletes a file.
#pragma once

#include <functional>
#include <set>

#include "onboarding/kyc_testing.hpp"
#include "onboarding/uploads.hpp"

namespace astrotalk::onboarding::uploads {

class model_store final : public storage::object_store {
  public:
    using facts = result<storage::object_facts, storage::error>;

    task<facts> put(std::string, std::string key, storage::object_traits, std::string,
                    storage::write_condition) override {
        keys.insert(std::move(key));
        co_return storage::object_facts{};
    }
    task<result<storage::object, storage::error>> get(std::string, std::string key,
                                                      std::optional<storage::byte_span>) override {
        if (!keys.contains(key)) co_return storage::error::no_such_object;
        co_return storage::object{};
    }
    task<facts> head(std::string, std::string key) override {
        if (!keys.contains(key)) co_return storage::error::no_such_object;
        co_return storage::object_facts{};
    }
    task<void> remove(std::string, std::string key) override {
        if (before_removal) before_removal(key);
        keys.erase(key);
        removed.push_back(std::move(key));
        co_return;
    }
    task<storage::page> list(std::string, storage::list_request) override { co_return storage::page{}; }
    std::string link_to_put(const std::string&, const std::string& key, const storage::upload_terms&,
                            std::chrono::seconds) override {
        return key;
    }
    std::string link_to_get(const std::string&, const std::string& key, const storage::download_terms&,
                            std::chrono::seconds) override {
        return key;
    }

    std::function<void(const std::string& key)> before_removal;
    std::set<std::string> keys;
    std::vector<std::string> removed;
};

// A clinic whose people upload.
struct archive : kyc::clinic {
    model_store store;

    service uploads_by(pg::client& pg) {
        return {pg, keys, &store, "private", "public", "https://photos.test/"};
    }
    stored upload(user_id who, const std::string& kind, const std::string& state) {
        stored made{};
        made.id = uuid::v7();
        made.user_id = who;
        made.kind = kind;
        made.state = state;
        db.execute("insert into upload (id, user_id, kind, state, content_type, size, expires_at) values ('" +
                   made.id.to_string() + "', '" + who.to_string() + "', '" + kind + "', '" + state +
                   "', 'image/png', 9, app_now() + interval '1 day')");
        return made;
    }
    void hold(user_id who) {
        db.execute("insert into legal_hold (id, subject_id, reason, set_by) values (gen_random_uuid(), '" +
                   who.to_string() + "', 'a court', '" + who.to_string() + "')");
    }
};

}  // namespace astrotalk::onboarding::uploads
