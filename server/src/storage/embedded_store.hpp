// The vault as the application's store, without the way over HTTP. Its links lead to /storage/ of this
// server.
#pragma once

#include "aws/sigv4.hpp"
#include "storage/object_store.hpp"
#include "storage/vault.hpp"

namespace astrotalk::storage {

struct embedded_options {
    std::string endpoint;  // "https://api.example.in/storage", as browsers reach it
    std::string region;
    aws::credentials own;  // which `find_signer` of the service knows
    std::size_t object_limit = 32u << 20;
    std::chrono::milliseconds deadline{10'000};  // until the pool begins
};

class embedded_store : public object_store {
  public:
    embedded_store(vault& objects, thread_pool& files, embedded_options how)
        : objects_(objects), files_(files), how_(std::move(how)) {}

    task<result<object_facts, error>> put(std::string bucket, std::string key, object_traits traits,
                                          std::string content, write_condition condition) override;
    task<result<object, error>> get(std::string bucket, std::string key,
                                    std::optional<byte_span> part) override;
    task<result<object_facts, error>> head(std::string bucket, std::string key) override;
    task<void> remove(std::string bucket, std::string key) override;
    task<page> list(std::string bucket, list_request what) override;
    std::string link_to_put(const std::string& bucket, const std::string& key, const upload_terms& terms,
                            std::chrono::seconds lifetime) override;
    std::string link_to_get(const std::string& bucket, const std::string& key, const download_terms& terms,
                            std::chrono::seconds lifetime) override;

  private:
    template <class Work>
    task<std::invoke_result_t<Work>> in_time(Work work);

    vault& objects_;
    thread_pool& files_;
    embedded_options how_;
};

}  // namespace astrotalk::storage
