// S3, or any store that speaks its protocol, as the application's store.
#pragma once

#include "aws/sigv4.hpp"
#include "http/client.hpp"
#include "storage/object_store.hpp"

namespace astrotalk::storage {

struct s3_options {
    std::string endpoint;  // "https://s3.ap-south-1.amazonaws.com", without a bucket
    std::string region;
    aws::credentials who;
    bool path_style = false;  // the bucket in the path instead of the host
    std::size_t object_limit = 32u << 20;
    std::chrono::milliseconds deadline{15'000};  // of a call, tries included
};

class s3_store : public object_store {
  public:
    s3_store(http::client& out, s3_options how);

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
    using headers = std::vector<std::pair<std::string, std::string>>;
    task<http::client_response> call(http::verb method, std::string bucket, std::string key,
                                     std::string query, headers more, std::string body, int retries);

    http::client& out_;
    s3_options how_;
};

}  // namespace astrotalk::storage
