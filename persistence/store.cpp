#include "vmsystem/persistence/store.hpp"

namespace vmsystem {

store_reader::~store_reader() = default;

store::~store() = default;

} // namespace vmsystem
