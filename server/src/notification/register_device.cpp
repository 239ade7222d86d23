#include "notification/inbox.hpp"
#include "notification/queries.hpp"

namespace astrotalk::notification {
namespace {

constexpr jobs::sealed_column columns[] = {
    {"device.token", device_purpose, place_of_device, sql::read_sealed_devices, sql::replace_sealed_devices}};

}  // namespace

std::string place_of_device(const std::string& row) { return "device.token:" + row; }
std::span<const jobs::sealed_column> sealed_columns() { return columns; }

task<device> register_device(inbox& s, user_id whose, secret token, platform on) {
    const auto id = uuid::v7();
    const auto hash = s.keys.mac("device-token", token.reveal());
    const auto sealed = s.keys.seal(device_purpose, token.reveal(), place_of_device(id.to_string()));
    auto made = co_await s.pg.write_one<device>(sql::register_device, id, whose, hash, sealed,
                                                boost::describe::enum_to_string(on, ""));
    co_return std::move(*made);
}

task<bool> remove_device(inbox& s, user_id whose, uuid id) {
    co_return co_await s.pg.execute(sql::remove_device, id, whose) > 0;
}

}  // namespace astrotalk::notification
