#include "http/json.hpp"
#include "notification/notification.hpp"

namespace astrotalk::notification {
namespace {

constexpr std::chrono::seconds deadline{5};

struct sms_body {
    personal to;
    secret text;
    std::string template_id, entity_id;
    BOOST_DESCRIBE_CLASS(sms_body, (), (to, text, template_id, entity_id), (), ())
};

// Answers that another attempt could change.
bool worth_another_try(int status) {
    return status >= 500 || status == 408 || status == 425 || status == 429;
}

}  // namespace

sandbox_sms::sandbox_sms(http::client& out, std::string base_url, const sms::registration& registered)
    : out_(out), url_(std::move(base_url)), registered_(registered) {
    while (!url_.empty() && url_.back() == '/') url_.pop_back();
    url_ += "/sms";
}

// A template without an id is shown by its name: the sandbox knows no register.
task<void> sandbox_sms::send(sms_message what) {
    const std::string* id = registered_.id_of(what.template_name);
    http::client_request call;
    call.method = http::verb::post;
    call.url = url_;
    call.headers = {{"content-type", "application/json"}, {"x-idempotency-id", what.id.to_string()}};
    call.body = http::to_json(sms_body{std::move(what.to), std::move(what.text),
                                       id ? *id : what.template_name, registered_.entity_id});
    call.deadline = deadline;
    const auto answer = co_await out_.send(std::move(call));
    if (answer.status >= 200 && answer.status < 300) co_return;
    const auto said = fmt::format("the SMS provider answered {}", answer.status);
    if (worth_another_try(answer.status)) throw std::runtime_error(said);
    throw sms_refused(answer.status == 422, said);
}

}  // namespace astrotalk::notification
