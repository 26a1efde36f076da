//! The parser of the options of `canister!`.

/// Parses the options one by one. The arguments after the store are `init`, `post_upgrade`, the
/// hooks, the memory, the sweep, the expiry and the guard of
/// requests: each is `none`, or the given value in braces.
#[doc(hidden)]
#[macro_export]
macro_rules! __canister_options {
    ($s:ident, none, $p:tt, $h:ident, $m:tt, $w:tt, $x:tt, $a:tt; init = $value:expr, $($rest:tt)*) => {
        $crate::__canister_options!($s, { $value }, $p, $h, $m, $w, $x, $a; $($rest)*);
    };
    ($s:ident, $i:tt, none, $h:ident, $m:tt, $w:tt, $x:tt, $a:tt; post_upgrade = $value:expr, $($rest:tt)*) => {
        $crate::__canister_options!($s, $i, { $value }, $h, $m, $w, $x, $a; $($rest)*);
    };
    ($s:ident, $i:tt, $p:tt, hooks, $m:tt, $w:tt, $x:tt, $a:tt; hooks = none, $($rest:tt)*) => {
        $crate::__canister_options!($s, $i, $p, none, $m, $w, $x, $a; $($rest)*);
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, none, $w:tt, $x:tt, $a:tt; memory = $value:expr, $($rest:tt)*) => {
        $crate::__canister_options!($s, $i, $p, $h, { $value }, $w, $x, $a; $($rest)*);
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, none, $x:tt, $a:tt; sweep = $value:expr, $($rest:tt)*) => {
        $crate::__canister_options!($s, $i, $p, $h, $m, { $value }, $x, $a; $($rest)*);
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, $w:tt, none, $a:tt; expire = $value:expr, $($rest:tt)*) => {
        $crate::__canister_options!($s, $i, $p, $h, $m, $w, { $value }, $a; $($rest)*);
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, $w:tt, $x:tt, none; ask = controllers, $($rest:tt)*) => {
        $crate::__canister_options!($s, $i, $p, $h, $m, $w, $x, {
            || if ::ic_cdk::api::is_controller(&::ic_cdk::api::msg_caller()) {
                ::core::result::Result::Ok(())
            } else {
                ::core::result::Result::Err(::std::string::String::from("only a controller may ask"))
            }
        }; $($rest)*);
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, $w:tt, $x:tt, none; ask = $value:expr, $($rest:tt)*) => {
        $crate::__canister_options!($s, $i, $p, $h, $m, $w, $x, { $value }; $($rest)*);
    };
    // No option is left. The last one may end with a comma.
    ($s:ident, none, none, none, $m:tt, $w:tt, $x:tt, $a:tt; $(,)?) => {
        $crate::__canister_access!($s, $m);
        $crate::__canister_sweep!($s, $w);
        $crate::__canister_expire!($s, $x);
        $crate::__canister_ask!($s, $a);
    };
    ($s:ident, $i:tt, $p:tt, hooks, $m:tt, $w:tt, $x:tt, $a:tt; $(,)?) => {
        $crate::__canister_access!($s, $m);
        $crate::__canister_sweep!($s, $w);
        $crate::__canister_expire!($s, $x);
        $crate::__canister_ask!($s, $a);
        $crate::__canister_hooks!($s, $i, $p);
    };
    ($s:ident, $i:tt, $p:tt, none, $m:tt, $w:tt, $x:tt, $a:tt; $(,)?) => {
        ::core::compile_error!(
            "without hooks nothing calls `init` and `post_upgrade`: leave them out, and call them in your own hooks"
        );
    };
    ($s:ident, $i:tt, $p:tt, hooks, $m:tt, $w:tt, $x:tt, $a:tt; hooks = $value:expr, $($rest:tt)*) => {
        ::core::compile_error!("`hooks` can only be `none`: leave it out to have them");
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, $w:tt, $x:tt, $a:tt; $option:ident = $value:expr, $($rest:tt)*) => {
        $crate::__canister_wrong!($option);
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, $w:tt, $x:tt, $a:tt; $($rest:tt)*) => {
        ::core::compile_error!("options of a canister are written `option = value`, with commas between them");
    };
}

/// Reports an option that is unknown or given twice.
#[doc(hidden)]
#[macro_export]
macro_rules! __canister_wrong {
    (init) => {
        $crate::__canister_wrong!(twice init);
    };
    (post_upgrade) => {
        $crate::__canister_wrong!(twice post_upgrade);
    };
    (hooks) => {
        $crate::__canister_wrong!(twice hooks);
    };
    (memory) => {
        $crate::__canister_wrong!(twice memory);
    };
    (sweep) => {
        $crate::__canister_wrong!(twice sweep);
    };
    (expire) => {
        $crate::__canister_wrong!(twice expire);
    };
    (ask) => {
        $crate::__canister_wrong!(twice ask);
    };
    (twice $option:ident) => {
        ::core::compile_error!(::core::concat!(
            "`", ::core::stringify!($option), "` is given twice for the same canister"
        ));
    };
    ($option:ident) => {
        ::core::compile_error!(::core::concat!(
            "unknown option `", ::core::stringify!($option),
            "`: a canister has `init`, `post_upgrade`, `hooks`, `memory`, `sweep`, `expire` and `ask`"
        ));
    };
}
