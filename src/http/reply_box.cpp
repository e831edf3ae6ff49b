#include "http/reply_box.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <exception>

#include "base/check.hpp"
#include "http/problem.hpp"

namespace guanxi::http {
namespace {

/// An answer that is owed.
class Owed {
 public:
  Owed(std::shared_ptr<ReplyBox> box, Ticket ticket) : box_(std::move(box)), ticket_(ticket) {}
  Owed(const Owed&) = delete;
  Owed& operator=(const Owed&) = delete;
  ~Owed() {
    if (!given_.load()) {
      give(problem(Fault::failed, "nothing answered this"));
    }
  }
  void give(Response response) {
    if (!given_.exchange(true)) {
      box_->put({ticket_, std::move(response), std::nullopt});
    }
  }

 private:
  std::shared_ptr<ReplyBox> box_;
  Ticket ticket_;
  std::atomic<bool> given_{false};
};

}  // namespace

BodyStream::State next_piece(BodyStream& stream, std::string& out) {
  try {
    return stream.next(out);
  } catch (const std::exception&) {
    return BodyStream::State::end;
  }
}

ReplyBox::ReplyBox() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  GUANXI_CHECK(descriptor_ >= 0, "a server has a file descriptor to be woken by");
}

ReplyBox::~ReplyBox() { ::close(descriptor_); }

void ReplyBox::put(Completed completed) {
  bool first = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (closed_) {
      return;
    }
    first = waiting_.empty();
    waiting_.push_back(std::move(completed));
  }
  if (first && std::this_thread::get_id() != owner_.load(std::memory_order_relaxed)) {
    wake();
  }
}

void ReplyBox::wake() const {
  const std::uint64_t one = 1;
  static_cast<void>(!::write(descriptor_, &one, sizeof(one)));
}

void ReplyBox::close() {
  const std::lock_guard<std::mutex> lock(mutex_);
  closed_ = true;
  waiting_.clear();
}

void ReplyBox::take(std::vector<Completed>& out) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::swap(out, waiting_);
}

Reply ReplyBox::reply_to(const std::shared_ptr<ReplyBox>& box, Ticket ticket) {
  auto owed = std::make_shared<Owed>(box, ticket);
  return [owed = std::move(owed)](Response response) { owed->give(std::move(response)); };
}

}  // namespace guanxi::http
