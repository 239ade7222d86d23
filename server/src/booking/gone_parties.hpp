// Bookings to come of people who may not act any more, because staff disabled or deleted them: the platform
// cancels them, with all the money back, and the other side is told as of any cancellation. One's own account
// is not closed while it has bookings.
#pragma once

#include "core/task.hpp"

namespace astrotalk::booking {

struct service;

// Cancels them, one by one, until none is left. A background duty: whoever dies in the middle is followed by
// another, and each booking is cancelled once. Somebody who may act again by then keeps theirs.
task<void> cancel_for_gone_parties(service& s);

}  // namespace astrotalk::booking
