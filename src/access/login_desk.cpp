#include "access/login_desk.hpp"

#include "platform/entropy.hpp"

namespace guanxi::access {
namespace {

constexpr int kGroupsOfANetwork = 4;

}  // namespace

std::string network_of(std::string_view peer) {
  if (peer.find(':') == std::string_view::npos || peer.find('.') != std::string_view::npos) {
    return std::string(peer);
  }
  std::size_t at = 0;
  for (int group = 0; group < kGroupsOfANetwork; ++group) {
    const std::size_t colon = peer.find(':', at);
    if (colon == std::string_view::npos || peer.substr(colon, 2) == "::") {
      return std::string(peer.substr(0, colon)) + "::";
    }
    at = colon + 1;
  }
  return std::string(peer.substr(0, at)) + ":";
}

bool LoginDesk::matches(std::string_view name, std::string_view password) {
  std::call_once(nobody_once_, [this] {
    const AccessLimits& limits = accounts_.limits();
    const Result<std::string> drawn = random_hex(Fingerprinter::kBytes);
    const Result<std::string> hash =
        drawn ? hash_password(*drawn, {limits.password_passes, limits.password_memory_bytes})
              : Result<std::string>(forward_error(drawn));
    nobodys_password_ = hash ? *hash : std::string();
  });
  const std::string own = accounts_.password_of(name);
  turns_.acquire();
  const bool right = password_matches(own.empty() ? nobodys_password_ : own, password);
  turns_.release();
  return right && !own.empty();
}

Result<LoginDesk::Answer> LoginDesk::login(const Asked& asked) {
  const bool known_device =
      !asked.device.empty() && accounts_.knows_device(asked.name, asked.device);
  const std::vector<std::string> keys =
      known_device
          ? std::vector<std::string>{"device " + to_hex(file_.fingerprints().of(asked.device))}
          : std::vector<std::string>{"name " + std::string(asked.name),
                                     "peer " + network_of(asked.peer)};
  const bool known_name = accounts_.user(asked.name).has_value();
  const std::string subject = known_name ? std::string(asked.name) : "unknown";
  const Actor actor{"nobody", "", asked.peer};
  const AttemptLimits::Verdict verdict = limits_.begin(keys, file_.now().seconds);
  Answer answer;
  if (!verdict.allowed()) {
    answer.kind = Answer::Kind::too_often;
    answer.wait_seconds = verdict.wait_seconds;
    if (verdict.first_refusal) {
      GUANXI_TRY_VOID(audit_.write(actor, "login", subject, "too_often"));
    }
    return answer;
  }
  if (!matches(asked.name, asked.password)) {
    GUANXI_TRY_VOID(audit_.write(actor, "login", subject, "refused"));
    return answer;
  }
  limits_.succeed(keys);
  GUANXI_TRY(session, accounts_.begin_session(asked.name, actor));
  answer.kind = Answer::Kind::welcome;
  answer.session = session;
  if (!known_device) {
    GUANXI_TRY(device, accounts_.remember_device(asked.name));
    answer.device = device;
  }
  return answer;
}

LoginDesk::Answer::Kind LoginDesk::confirm(std::string_view name, std::string_view password,
                                           const Actor& by) {
  const std::vector<std::string> keys{"session " + by.session};
  if (!limits_.begin(keys, file_.now().seconds).allowed()) {
    return Answer::Kind::too_often;
  }
  if (!matches(name, password)) {
    return Answer::Kind::wrong;
  }
  limits_.succeed(keys);
  return Answer::Kind::welcome;
}

bool LoginDesk::guess_allowed(const std::string& peer) {
  return limits_.begin({"guess " + network_of(peer)}, file_.now().seconds).allowed();
}

}  // namespace guanxi::access
