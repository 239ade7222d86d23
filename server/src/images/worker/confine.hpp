// Takes from this process what it does not need to decode a picture.
#pragma once

namespace astrotalk::images {

// From here on: a gigabyte of memory, ten seconds of CPU, no file may be opened or written, no socket, no
// other program, no other process. Everything that is not a plain calculation, or reading and writing what is
// open, answers EPERM; starting a program or opening a socket ends the process. Call it before the first byte
// of a stranger is read, and after libraries have loaded what they need. Ends the process when it cannot.
void confine();

}  // namespace astrotalk::images
