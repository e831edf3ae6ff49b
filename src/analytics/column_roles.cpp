#include "analytics/column_roles.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "analytics/cell.hpp"
#include "analytics/time_format.hpp"
#include "base/instant.hpp"
#include "events/kind.hpp"

namespace guanxi {
namespace {

// Names that mean a role as they stand (as plain_name writes them), words that hint at it, and
// words that speak against it. Chinese words hint wherever they stand in the name.
struct RoleWords {
  Role role;
  std::string_view exact;
  std::string_view hints;
  std::string_view against;
};

constexpr std::array<RoleWords, 14> kWords = {{
    {Role::person,
     " customerid customer custid cust custno customerno customernumber customerkey customercode "
     "customerref custkey clientid client clientno clientcode userid user uid memberid member "
     "memberno membercode membernumber buyerid buyer visitorid shopperid householdid householdkey "
     "household cardid cardno cardnumber loyaltyid accountid account accountno consumerid personid "
     "customeruniqueid userkey usernumber subscriberid donorid patientid guestid 客户 客户id "
     "客户编号 "
     "客户号 客户代码 会员 会员id 会员号 会员编号 会员卡号 用户 用户id 用户编号 用户号 顾客 顾客id "
     "顾客编号 买家 "
     "买家id 买家昵称 买家会员名 客户名称 用户名 ",
     " customer cust client user member buyer visitor shopper household consumer subscriber 客户 "
     "会员 "
     "用户 顾客 买家 ",
     " name age gender sex city type segment country state zip group since region income rating "
     "count lifetime value date time email mail phone address postal postcode number_of category "
     "agent 年龄 性别 城市 类型 等级 地址 电话 手机 生日 留言 备注 时间 日期 "},
    {Role::second_id, " email emailaddress mail usermail customeremail useremail 邮箱 电子邮箱 ",
     " email 邮箱 ", " type opt status "},
    {Role::time,
     " date time datetime timestamp ts orderdate invoicedate transactiondate transdate trandate "
     "purchasedate saledate salesdate salestime eventtime eventdate createdat ordertime orderedat "
     "orderdatetime paymentdate paymenttime paidat transactiontime transactiontimestamp "
     "purchasetime purchasetimestamp orderpurchasetimestamp transactiondt dt tdat datum fecha 日期 "
     "时间 下单时间 订单时间 付款时间 支付时间 交易时间 购买时间 订单日期 下单日期 交易日期 "
     "销售日期 购买日期 "
     "订单创建时间 订单付款时间 创建时间 成交时间 消费时间 消费日期 销售时间 ",
     " date time datetime timestamp 日期 时间 ",
     " ship shipping shipped deliver delivery delivered birth due update updated expiry expiration "
     "registration signup return returned estimated approved review day_of weekday month year hour "
     "zone first last start end 发货 收货 生日 注册 更新 到期 结束 确认 "},
    {Role::order,
     " orderid order orderno ordernumber ordernum invoice invoiceid invoiceno invoicenumber "
     "basketid basket transactionid transid transaction transactionno transactionnumber tranid "
     "receipt receiptid receiptno receiptnumber billno billid ordercode saleid saleno tid "
     "salesordernumber 订单号 订单编号 订单id 订单 单号 小票号 交易号 交易单号 发票号 流水号 "
     "销售单号 "
     "主订单编号 ",
     " order invoice basket transaction receipt bill 订单号 订单编号 单号 小票 流水号 ",
     " date time amount total value status type quantity qty price sum count item product line "
     "channel method day priority mode timestamp payment revenue cost 金额 时间 日期 状态 数量 "},
    {Role::product,
     " productid product sku stockcode itemid item itemno itemcode itemnumber articleid article "
     "articleno upc ean asin prodid productcode productno productkey productsku goodsid materialid "
     "skuid 商品 商品id 商品编号 商品编码 货号 产品 产品id 产品编号 款号 ",
     " product item sku article goods stock 商品 产品 货号 ",
     " name description price cost category type group quantity qty count weight size color brand "
     "rating discount margin subcategory class line number_of 名称 价格 单价 数量 金额 类目 类别 "
     "品类 "
     "标题 "},
    {Role::title,
     " productname description itemname productdescription itemdescription producttitle title "
     "articlename goodsname 商品名称 商品名 产品名称 产品名 商品标题 宝贝标题 标题 品名 ",
     " productname itemname description 商品名 产品名 品名 标题 ", " category customer user id "},
    {Role::quantity,
     " quantity qty units unitssold numberofcds numitems numberofitems noofitems pieces "
     "orderquantity orderqty purchasequantity quantitysold itemcount itemquantity quant 数量 件数 "
     "购买数量 销售数量 商品数量 宝贝总数量 个数 ",
     " quantity qty units pieces 数量 件数 ", " price amount stock returned available "},
    {Role::price,
     " price unitprice itemprice sellingprice productprice saleprice salesprice retailprice "
     "listprice priceperunit priceeach avgprice 单价 价格 售价 商品单价 ",
     " price 单价 价格 售价 ", " total sum cost tax discount line extended original old 总价 "},
    {Role::amount,
     " amount total totalamount totalprice totalsales sales salesamount salesvalue saleamount "
     "revenue value orderamount ordertotal ordervalue transactionamount transactionvalue "
     "tranamount "
     "transamount amt transamt purchaseamount purchasevalue paid payment paymentvalue "
     "paymentamount "
     "amountpaid amountspent spend spent grosssales netsales netamount linetotal lineamount "
     "extendedprice subtotal monetary monetaryvalue dollarvalue invoiceamount invoicetotal "
     "billamount totalcost moneyspent turnover 金额 总价 总金额 订单金额 实付金额 支付金额 "
     "付款金额 "
     "销售额 销售金额 交易金额 成交金额 消费金额 实付 应付金额 买家实际支付金额 买家应付货款 总额 ",
     " amount total sales revenue amt spend paid 金额 总价 销售额 ",
     " discount tax freight shipping cost profit margin quantity qty date time id tip fee refund "
     "coupon month year channel rep person manager items points 优惠 运费 折扣 积分 税 退款 邮费 "},
    {Role::event_kind,
     " event eventtype action actiontype behavior behaviour behaviortype behaviourtype eventname "
     "activity activitytype type 行为 行为类型 事件 事件类型 ",
     " event action behavior behaviour 行为 事件 ", " date time id value 时间 "},
    {Role::event_id, " eventid messageid uuid eventuuid msgid 事件id 消息id ", " ", " "},
    {Role::currency, " currency currencycode ccy 币种 货币 ", " currency 币种 ", " amount rate "},
    {Role::rating, " rating score stars reviewscore overall starrating ratingscore 评分 打分 星级 ",
     " rating stars 评分 ", " count number date time id "},
    {Role::status, " status orderstatus transactionstatus state orderstate 状态 订单状态 交易状态 ",
     " status 状态 ", " date time id marital employment 时间 "},
}};

bool holds_word(std::string_view list, std::string_view word) {
  const std::string framed = " " + std::string(word) + " ";
  return list.find(framed) != std::string_view::npos;
}

// "CustomerID", "customer_id", "Customer ID" are customer and id.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words;
  std::string word;
  char before = ' ';
  const auto finish = [&] {
    if (!word.empty()) {
      words.push_back(word);
    }
    word.clear();
  };
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool plain =
        upper || (c >= 'a' && c <= 'z') || (static_cast<unsigned char>(c) & 0x80U) != 0;
    if (!plain || (upper && before >= 'a' && before <= 'z')) {
      finish();
    }
    if (plain) {
      word += upper ? static_cast<char>(c | 0x20) : c;
    }
    before = c;
  }
  finish();
  return words;
}

// Whether any word of the list is a word of the name, or (Chinese) stands in it.
bool any_word(std::string_view list, const std::vector<std::string>& words,
              std::string_view plain) {
  std::size_t at = 0;
  while (at < list.size()) {
    const std::size_t end = std::min(list.find(' ', at), list.size());
    const std::string_view word = list.substr(at, end - at);
    at = end + 1;
    if (word.empty()) {
      continue;
    }
    const bool chinese = (static_cast<unsigned char>(word.front()) & 0x80U) != 0;
    if (chinese ? plain.find(word) != std::string_view::npos
                : std::find(words.begin(), words.end(), word) != words.end()) {
      return true;
    }
  }
  return false;
}

bool looks_like_comma_decimal(std::string_view text) {
  const std::size_t comma = text.rfind(',');
  if (comma == std::string_view::npos || comma == 0 || text.size() - comma > 3 ||
      text.size() - comma < 2) {
    return false;
  }
  return text.find_first_not_of("0123456789", comma + 1) == std::string_view::npos &&
         text.find_first_not_of("-0123456789. ") == comma;
}

void add_value(ColumnFacts& facts, std::string_view value, std::set<std::string_view>& seen) {
  ++facts.filled;
  facts.mean_bytes += value.size();
  if (seen.size() < 5000) {
    seen.insert(value);
  }
  facts.words += value.find(' ') != std::string_view::npos ? 1U : 0U;
  facts.mails += value.find('@') != std::string_view::npos ? 1U : 0U;
  facts.comma_decimals += looks_like_comma_decimal(value) ? 1U : 0U;
  facts.bare_integers =
      facts.bare_integers && value.find_first_not_of("0123456789") == std::string_view::npos;
  if (const auto number = read_number(value)) {
    ++facts.numbers;
    facts.fractions += number->scale > 0 ? 1U : 0U;
    facts.negatives += number->digits < 0 ? 1U : 0U;
    facts.integers_dot_zero += value.size() > 2 && value.substr(value.size() - 2) == ".0" ? 1U : 0U;
    double size = static_cast<double>(number->digits);
    for (unsigned s = 0; s < number->scale; ++s) {
      size /= 10;
    }
    facts.largest = std::max(facts.largest, size);
  }
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kKinds = {{
    {" pv view click pageview productview productviewed viewed detail productdetail clickitem "
     "itemview impression browse 浏览 点击 查看 ",
     "product_viewed"},
    {" cart addtocart addcart add productadded addtobasket basket 加购 加购物车 加入购物车 ",
     "product_added"},
    {" removefromcart removecart remove productremoved 移出购物车 ", "product_removed"},
    {" fav favorite favourite collect wishlist like addtowishlist save 收藏 ", "wishlist_added"},
    {" buy purchase purchased transaction order ordered bought pay paid checkoutcomplete sale "
     "ordercompleted conversion 购买 下单 支付 付款 成交 ",
     "order_line"},
    {" refund return returned refunded chargeback 退货 退款 ", "line_returned"},
    {" search searched query 搜索 ", "products_searched"},
    {" checkout begincheckout checkoutstarted 结算 ", "checkout_started"},
}};

}  // namespace

std::string_view name_of(Role role) {
  constexpr std::array<std::string_view, 15> kNames = {
      "",      "person", "second id",     "time",     "order",    "product", "title", "quantity",
      "price", "amount", "kind of event", "event id", "currency", "rating",  "status"};
  return kNames.at(static_cast<std::size_t>(role));
}

std::vector<ColumnFacts> facts_of(const FileSample& sample) {
  std::vector<ColumnFacts> all;
  for (std::size_t c = 0; c < sample.columns.size(); ++c) {
    ColumnFacts facts;
    facts.name = sample.columns[c];
    std::set<std::string_view> seen;
    for (const auto& row : sample.rows) {
      const std::string_view value = c < row.size() ? trimmed(row[c]) : std::string_view();
      if (!is_missing(value)) {
        add_value(facts, value, seen);
      }
    }
    facts.distinct = seen.size();
    facts.mean_bytes /= std::max<std::size_t>(facts.filled, 1);
    all.push_back(std::move(facts));
  }
  return all;
}

int name_score(std::string_view column, Role role) {
  const auto found = std::find_if(kWords.begin(), kWords.end(),
                                  [&](const RoleWords& words) { return words.role == role; });
  if (found == kWords.end()) {
    return 0;
  }
  const std::string plain = plain_name(column);
  if (holds_word(found->exact, plain)) {
    return 100;
  }
  // "Purchase Amount (USD)", "price_in_eur": the unit says nothing about the role.
  std::string bare = plain;
  for (const std::string_view unit : {"usd", "eur", "gbp", "cny", "rmb", "inr", "元"}) {
    if (bare.size() > unit.size() && bare.substr(bare.size() - unit.size()) == unit) {
      bare.resize(bare.size() - unit.size());
    }
  }
  if (bare != plain && holds_word(found->exact, bare)) {
    return 95;
  }
  const std::vector<std::string> words = words_of(column);
  if (!any_word(found->hints, words, plain)) {
    return 0;
  }
  return any_word(found->against, words, plain) ? 15 : 60;
}

std::string_view kind_word_meaning(std::string_view word) {
  const std::string plain = plain_name(word);
  for (const auto& [words, kind] : kKinds) {
    if (holds_word(words, plain)) {
      return kind;
    }
  }
  const std::string lower = lower_ascii(word);
  const auto kind = kind_named(lower);
  return kind && *kind != EventKind::unknown ? name_of(*kind) : std::string_view();
}

bool means_cancelled(std::string_view status) {
  return holds_word(
      " cancelled canceled cancel void voided failed rejected unavailable declined "
      "abandoned unpaid pending 已取消 取消 交易关闭 已关闭 关闭 未付款 等待买家付款 支付失败 ",
      plain_name(status));
}

bool means_refunded(std::string_view status) {
  return holds_word(
      " refunded refund returned return orderrefunded chargeback 已退款 退款 已退货 退货 "
      "退款成功 ",
      plain_name(status));
}

}  // namespace guanxi
