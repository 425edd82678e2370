//! The problems in Simplified Chinese.

use super::super::problem::{Trouble, Want};
use super::{code, listed, shown, shown_plain};

fn want(want: Want) -> &'static str {
    match want {
        Want::Text => "带引号的文本",
        Want::Number => "整数",
        Want::Switch => "`true` 或 `false`",
        Want::Texts => "文本列表，如 `[\"one\", \"two\"]`",
        Want::Section => "一个小节 `[name]`，只写一次",
        Want::Sections => "小节 `[[name]]`，每项一个",
    }
}

/// A table of phrases, one for each trouble.
pub(super) fn words(trouble: &Trouble) -> String {
    match trouble {
        Trouble::NoFile { looked } => {
            let looked: Vec<_> = looked.iter().map(|path| path.display().to_string()).collect();
            let looked = listed(&looked, "、");
            format!(
                "找不到配置文件：{looked} 都不存在。用 `lifeboat check --example > lifeboat.toml` 写出带注释的示例再修改，\
                 或用 `--config FILE` 指定文件。不做任何配置先试用：`lifeboat drill`。"
            )
        }
        Trouble::Unreadable { path, system } => format!("无法读取 {}：{system}。", path.display()),
        Trouble::WritableByOthers { path, mode } => {
            let path = path.display();
            format!("其他用户可以写 {path}（权限 {mode:03o}）。请收回：`chmod go-w {path}`。")
        }
        Trouble::OwnedByAnother { path, uid } => {
            let path = path.display();
            format!("{path} 属于用户 {uid}，既不是 root 也不是运行 Lifeboat 的用户。请更改其所有者。")
        }
        Trouble::Syntax { message } => format!("不是有效的 TOML：{}。", shown_plain(message)),
        Trouble::UnknownKey { key, known } => {
            format!("未知的键 {}。此处可用：{}。", code(key), listed(known, "、"))
        }
        Trouble::InlineSecret { key, instead } => {
            format!("{} 会把密钥写进本文件。请删除，改用 {}。", code(key), listed(instead, " 或 "))
        }
        Trouble::WrongKind { key, want: wanted, found } => {
            format!("{} 必须是{}，而不是{}。", code(key), want(*wanted), kind(found))
        }
        Trouble::Missing { key } => format!("缺少 {}。", code(key)),
        Trouble::Empty { key } => format!("{} 为空。", code(key)),
        Trouble::Unprintable { key, most } => format!("{} 必须是一行，最多 {most} 个字符。", code(key)),
        Trouble::OutOfRange { key, value, least, most } => {
            format!("{} 是 {value}，必须在 {least} 到 {most} 之间。", code(key))
        }
        Trouble::UnknownValue { key, value, known } if known.is_empty() => {
            format!("{} 指向 {}，但没有配置任何这样的项。", code(key), shown(value))
        }
        Trouble::UnknownValue { key, value, known } => {
            format!("{} 是 {}，无法识别。可用：{}。", code(key), shown(value), listed(known, "、"))
        }
        Trouble::UnknownZone { key, value, nearest } => {
            let nearest = listed(nearest, "、");
            format!("{} 是 {}，不是 IANA 时区。最接近的：{nearest}。", code(key), shown(value))
        }
        Trouble::Twice { key, value, first } => {
            let (line, column) = (first.line, first.column);
            format!("{} {} 重复，首次出现在 {line}:{column}。", code(key), shown(value))
        }
        Trouble::NotAnAddress { key, value, such_as } => {
            format!("{} 是 {}，不是 `{such_as}` 这样的 IP 地址。", code(key), shown(value))
        }
        Trouble::NotAUrl { key, value, such_as } if value.is_empty() => {
            format!("{} 所指的内容不是 `{such_as}` 这样的 URL。", code(key))
        }
        Trouble::NotAUrl { key, value, such_as } => {
            format!("{} 是 {}，不是 `{such_as}` 这样的 URL。", code(key), shown(value))
        }
        Trouble::NotAGlob { key, value } => {
            format!("{} 中的 {} 不是有效的通配模式。", code(key), shown(value))
        }
        Trouble::Both { one, other } => format!("{} 与 {} 不能同时使用。", code(one), code(other)),
        Trouble::Alone { key, needs } => format!("{} 还需要 {}。", code(key), code(needs)),
        Trouble::Neither { one, other } => format!("{} 与 {} 必须有一个。", code(one), code(other)),
        Trouble::TlsNeeded { listen } => format!(
            "控制台在 {listen} 会经网络以无 TLS 的方式访问。请配置 `tls_cert` 和 `tls_key`，或 `behind_tls_proxy = true`，\
             或只监听 127.0.0.1。"
        ),
        Trouble::HttpsNeeded { key, host } => {
            format!("{} 以 http 访问 {host}；本机之外必须用 https。", code(key))
        }
        Trouble::NotInEnvironment { key, variable } => {
            format!("{} 所指的环境变量 {} 未设置。", code(key), shown(variable))
        }
        Trouble::TimeoutTooLong { timeout_ms, every_s } => {
            format!(
                "`timeout_ms` {timeout_ms} 比 `every_s` {every_s} 更长：上一次还没结束，下一次就该开始了。"
            )
        }
        Trouble::Unwatched { service } => {
            format!("没有任何来源反映服务 {}。请给它 `logs`，或一个 `[[probe]]`。", shown(service))
        }
    }
}

fn kind(found: &str) -> &str {
    match found {
        "string" => "文本",
        "integer" => "整数",
        "float" => "小数",
        "boolean" => "`true` 或 `false`",
        "datetime" => "日期",
        "array" => "列表",
        _ => "小节",
    }
}
