// News of whom one follows. Not for other folders.
#pragma once

#include "notification/notification.hpp"

namespace astrotalk::notification {

// follow.tell, {"userId", "astrologerId", "name", "what": online or free}: in the app and on the screens of
// devices, never by SMS.
task<void> tell_of_follow(service& s, jobs::job work);

}  // namespace astrotalk::notification
