// Where the application keeps files: one interface, and the stores behind it. Objects are held in memory, so
// they are bounded.
//
// A store belongs to one loop. Errors: refusals are values; a store that cannot be reached or does not answer
// in time throws http::upstream_error, one with too much to do `overloaded`.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/loop.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "storage/domain.hpp"

namespace astrotalk::storage {

// In order of precedence.
enum class error : std::uint8_t {
    too_large,
    no_such_object,
    condition_failed,
    no_such_range,  // nothing of that span is there
};

struct object {
    object_facts facts;  // of the whole
    std::string content;
};

// What a link for an upload demands: another size or type is refused.
struct upload_terms {
    std::string content_type;
    std::uint64_t size = 0;
};
// What a link for reading answers with, in place of what was stored. Empty: as stored.
struct download_terms {
    std::string content_type{}, content_disposition{};
};

class object_store {
  public:
    virtual ~object_store() = default;

    virtual task<result<object_facts, error>> put(std::string bucket, std::string key, object_traits traits,
                                                  std::string content, write_condition condition) = 0;
    virtual task<result<object, error>> get(std::string bucket, std::string key,
                                            std::optional<byte_span> part) = 0;
    virtual task<result<object_facts, error>> head(std::string bucket, std::string key) = 0;
    // Whether or not there was one.
    virtual task<void> remove(std::string bucket, std::string key) = 0;
    virtual task<page> list(std::string bucket, list_request what) = 0;

    // Links for somebody's browser, for at most seven days.
    virtual std::string link_to_put(const std::string& bucket, const std::string& key,
                                    const upload_terms& terms, std::chrono::seconds lifetime) = 0;
    virtual std::string link_to_get(const std::string& bucket, const std::string& key,
                                    const download_terms& terms, std::chrono::seconds lifetime) = 0;
};

}  // namespace astrotalk::storage
