#include "api/handlers.hpp"

#include "access/handles.hpp"
#include "api/access_handlers.hpp"

namespace guanxi::api {
namespace {

constexpr std::int32_t kUsualPeriodDays = 30;
constexpr std::int32_t kAheadDaysMost = 3650;

}  // namespace

std::shared_ptr<const std::string> AnswerCache::find(std::uint64_t version,
                                                     const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = answers_.find(key);
  return version == version_ && found != answers_.end() ? found->second : nullptr;
}

void AnswerCache::keep(std::uint64_t version, const std::string& key, std::string answer) {
  const std::lock_guard lock(mutex_);
  if (version != version_ || answers_.size() >= kMost) {
    answers_.clear();
    version_ = version;
  }
  answers_[key] = std::make_shared<const std::string>(std::move(answer));
}

http::Response with_view(const Context& context,
                         const std::function<http::Response(const Brand::View&)>& answer) {
  http::Response response;
  const Result<void> done =
      context.brand->read([&](const Brand::View& view) { response = answer(view); });
  return done ? std::move(response) : http::problem(done.error());
}

http::Response json_response(std::string body) {
  http::Response response;
  response.body = std::move(body);
  return response;
}

FromTo period_asked(Parameters& parameters, const Brand::View& view) {
  const Day as_of = view.image.as_of();
  FromTo asked;
  asked.to = parameters.day("to").value_or(as_of);
  asked.from = parameters.day("from").value_or(Day{asked.to.number - kUsualPeriodDays});
  if (asked.to > as_of) {
    parameters.refuse("to", "nothing is known after " + to_string(as_of));
  }
  if (asked.from > asked.to) {
    parameters.refuse("from", "it must not be after `to`, which is " + to_string(asked.to));
  }
  return asked;
}

Day day_asked(Parameters& parameters, const Brand::View& view) {
  const Day as_of = view.image.as_of();
  const Day at = parameters.day("at").value_or(as_of);
  if (at.number > as_of.number + kAheadDaysMost) {
    parameters.refuse("at", "it may be ten years after " + to_string(as_of) + " at most");
    return as_of;
  }
  return at;
}

std::vector<std::string_view> names_of(std::span<const Word> words) {
  std::vector<std::string_view> names;
  for (const Word& word : words) {
    names.push_back(word.name);
  }
  return names;
}

http::RouteTable api_routes(std::shared_ptr<const Brand> brand, ShippedFiles files,
                            std::shared_ptr<const Masking> masking,
                            std::shared_ptr<access::AccessStore> access, QueuesOf queues) {
  auto context = std::make_shared<Context>();
  context->brand = std::move(brand);
  context->files = std::move(files);
  context->masking = masking != nullptr ? std::move(masking) : access::Handles::passing();
  context->access = std::move(access);
  context->queues = std::move(queues);
  std::vector<http::Route> routes;
  add_brand_routes(context, routes);
  add_people_routes(context, routes);
  add_person_routes(context, routes);
  add_model_routes(context, routes);
  add_identity_routes(context, routes);
  add_live_routes(context, routes);
  add_privacy_routes(context, routes);
  add_need_routes(context, routes);
  add_value_routes(context, routes);
  add_sql_routes(context, routes);
  add_class_routes(context, routes);
  add_truth_routes(context, routes);
  add_account_routes(context, routes);
  add_user_routes(context, routes);
  add_source_routes(context, routes);
  add_audit_routes(context, routes);
  return http::RouteTable(std::move(routes));
}

void RouteAdder::get(std::string_view pattern, std::string_view description, Permission permission,
                     ContextHandler handler, http::Lane lane) const {
  http::Route route{http::Method::get, pattern, description, lane};
  route.handler = [context = context_, handler = std::move(handler)](const http::Request& request) {
    return handler(*context, request);
  };
  route.permission = permission;
  routes_.push_back(std::move(route));
}

void RouteAdder::post(std::string_view pattern, std::string_view description, Permission permission,
                      ContextHandler handler, http::Lane lane,
                      std::vector<std::string_view> body_types) const {
  get(pattern, description, permission, std::move(handler), lane);
  routes_.back().method = http::Method::post;
  routes_.back().body_types = std::move(body_types);
}

}  // namespace guanxi::api
