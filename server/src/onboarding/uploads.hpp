// An astrologer's photo and papers. A link is asked for, the browser sends the file to the object store by
// it, the app says so, and a job has it looked at and made anew (images/images.hpp). Only what was made is
// kept; the photo lies in the public bucket, papers in the private one, where links of five minutes lead.
//
// Thread safety: a service and its calls belong to one loop; the workshop is shared. Errors: refusals are
// values, outages throw (pg::unavailable, http::upstream_error, overloaded). Every change writes its audit
// row in its statement.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "http/http.hpp"
#include "images/images.hpp"
#include "jobs/jobs.hpp"
#include "pg/pg.hpp"
#include "storage/object_store.hpp"

namespace astrotalk::onboarding::uploads {

// In order of precedence.
enum class error : std::uint8_t {
    upload_not_found,
    profile_required,  // papers belong to a profile
    too_many_uploads,  // today
    nothing_sent,      // the file is not there: the link was not used, or what it was used for was refused
};
template <class T>
using outcome = result<T, error>;

inline constexpr std::int32_t most_a_day = 30;
inline constexpr std::chrono::minutes link_lives{15}, view_lives{5};

enum class kind : std::uint8_t { photo, identity, address, certificate, bank_proof };
BOOST_DESCRIBE_ENUM(kind, photo, identity, address, certificate, bank_proof)
images::purpose purpose_of(std::string_view kind);

struct request {
    uploads::kind kind{};
    std::string content_type;
    std::int32_t size = 0;  // bytes
};
BOOST_DESCRIBE_STRUCT(request, (), (kind, content_type, size))
// A JSON pointer into what was sent, and what was expected there.
std::vector<std::pair<std::string, std::string>> check(const request& sent);

// A row.
struct stored {
    uuid id;
    astrotalk::user_id user_id;
    std::string kind, state, content_type;
    std::int32_t size = 0;
    std::optional<std::string> fault;
    std::vector<std::string> parts;
    instant created_at;
};
BOOST_DESCRIBE_STRUCT(stored, (), (id, user_id, kind, state, content_type, size, fault, parts, created_at))

struct file {
    std::string name, url;
};
BOOST_DESCRIBE_STRUCT(file, (), (name, url))
struct view {
    uuid id;
    std::string kind, state, content_type;
    std::int32_t size = 0;
    std::optional<std::string> fault;
    std::vector<file> files;  // of a ready one
    instant created_at;
};
BOOST_DESCRIBE_STRUCT(view, (), (id, kind, state, content_type, size, fault, files, created_at))
struct invitation {
    view upload;
    std::string put_to;  // PUT it there with that content-type; another type or size is refused
    instant expires_at;
};
BOOST_DESCRIBE_STRUCT(invitation, (), (upload, put_to, expires_at))

struct service {
    pg::client& pg;
    const crypto::keyring& keys;
    storage::object_store* store;  // null only where routes are listed and none is called
    std::string private_bucket, public_bucket;
    std::string photo_url;  // where the public bucket's photos/ are, with a slash at its end
};

struct reader {
    user_id id;
    std::string role, reason, request_id;
};

// `wanted` has passed `check`.
task<outcome<invitation>> ask(service& s, user_id who, request wanted);
// That the file was sent. Told twice, it does nothing more.
task<outcome<view>> confirm(service& s, user_id who, uuid upload);
task<outcome<void>> remove(service& s, user_id who, uuid upload, std::string request_id);
task<std::vector<view>> list(service& s, user_id who);
task<std::vector<view>> read(service& s, reader who, user_id astrologer);

// That those parts were made of it and lie in the store. Whether it is ready by that: it may have been
// removed meanwhile, or settled by another worker.
task<bool> finish(service& s, stored row, std::vector<std::string> parts);

// Handles upload.process {"uploadId"}. `s` and `shop` outlive the worker.
void handle_jobs(jobs::outbox_worker& worker, service& s, images::workshop& shop);
// Gives up uploads that never came, and deletes the files of removed ones. In small batches, until nothing is
// left.
task<void> sweep(service& s);

std::span<const http::route<service>> routes();

// Where the object store has them. Of the upload as it came, and of what was made of it.
std::string incoming_key(const stored& of);
std::string part_key(const stored& of, std::string_view part);

}  // namespace astrotalk::onboarding::uploads
