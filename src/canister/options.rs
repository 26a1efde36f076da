//! The parser of the options of `canister!`.

/// Parses the options one by one. The arguments after the store are `init`, `post_upgrade`, the
/// hooks, the memory, the sweep, the expiry, the guard of requests and that of the explorer: each
/// is `none`, or the given value in braces. The last one is `none`, `text` or `http`, for metrics.
#[doc(hidden)]
#[macro_export]
macro_rules! __canister_options {
    ($s:ident, none, $p:tt, $h:ident, $m:tt, $w:tt, $x:tt, $a:tt, $e:tt, $r:tt; init = $value:expr, $($rest:tt)*) => {
        $crate::__canister_options!($s, { $value }, $p, $h, $m, $w, $x, $a, $e, $r; $($rest)*);
    };
    ($s:ident, $i:tt, none, $h:ident, $m:tt, $w:tt, $x:tt, $a:tt, $e:tt, $r:tt; post_upgrade = $value:expr, $($rest:tt)*) => {
        $crate::__canister_options!($s, $i, { $value }, $h, $m, $w, $x, $a, $e, $r; $($rest)*);
    };
    ($s:ident, $i:tt, $p:tt, hooks, $m:tt, $w:tt, $x:tt, $a:tt, $e:tt, $r:tt; hooks = none, $($rest:tt)*) => {
        $crate::__canister_options!($s, $i, $p, none, $m, $w, $x, $a, $e, $r; $($rest)*);
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, none, $w:tt, $x:tt, $a:tt, $e:tt, $r:tt; memory = $value:expr, $($rest:tt)*) => {
        $crate::__canister_options!($s, $i, $p, $h, { $value }, $w, $x, $a, $e, $r; $($rest)*);
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, none, $x:tt, $a:tt, $e:tt, $r:tt; sweep = $value:expr, $($rest:tt)*) => {
        $crate::__canister_options!($s, $i, $p, $h, $m, { $value }, $x, $a, $e, $r; $($rest)*);
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, $w:tt, none, $a:tt, $e:tt, $r:tt; expire = $value:expr, $($rest:tt)*) => {
        $crate::__canister_options!($s, $i, $p, $h, $m, $w, { $value }, $a, $e, $r; $($rest)*);
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, $w:tt, $x:tt, none, $e:tt, $r:tt; ask = controllers, $($rest:tt)*) => {
        $crate::__canister_options!($s, $i, $p, $h, $m, $w, $x, {
            || $crate::__canister_controllers!("only a controller may ask")
        }, $e, $r; $($rest)*);
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, $w:tt, $x:tt, none, $e:tt, $r:tt; ask = $value:expr, $($rest:tt)*) => {
        $crate::__canister_options!($s, $i, $p, $h, $m, $w, $x, { $value }, $e, $r; $($rest)*);
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, $w:tt, $x:tt, $a:tt, none, $r:tt; explorer = controllers, $($rest:tt)*) => {
        $crate::__canister_options!($s, $i, $p, $h, $m, $w, $x, $a, {
            || $crate::__canister_controllers!("only a controller may explore")
        }, $r; $($rest)*);
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, $w:tt, $x:tt, $a:tt, none, $r:tt; explorer = $value:expr, $($rest:tt)*) => {
        $crate::__canister_options!($s, $i, $p, $h, $m, $w, $x, $a, { $value }, $r; $($rest)*);
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, $w:tt, $x:tt, $a:tt, none, $r:tt; explorer, $($rest:tt)*) => {
        $crate::__canister_options!($s, $i, $p, $h, $m, $w, $x, $a, none, $r; explorer = controllers, $($rest)*);
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, $w:tt, $x:tt, $a:tt, $e:tt, none; metrics = none, $($rest:tt)*) => {
        $crate::__canister_options!($s, $i, $p, $h, $m, $w, $x, $a, $e, text; $($rest)*);
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, $w:tt, $x:tt, $a:tt, $e:tt, none; metrics, $($rest:tt)*) => {
        $crate::__canister_options!($s, $i, $p, $h, $m, $w, $x, $a, $e, http; $($rest)*);
    };
    // No option is left. The last one may end with a comma.
    ($s:ident, none, none, none, $m:tt, $w:tt, $x:tt, $a:tt, $e:tt, $r:tt; $(,)?) => {
        $crate::__canister_parts!($s, $m, $w, $x, $a, $e, $r);
    };
    ($s:ident, $i:tt, $p:tt, hooks, $m:tt, $w:tt, $x:tt, $a:tt, $e:tt, $r:tt; $(,)?) => {
        $crate::__canister_parts!($s, $m, $w, $x, $a, $e, $r);
        $crate::__canister_hooks!($s, $i, $p);
    };
    ($s:ident, $i:tt, $p:tt, none, $m:tt, $w:tt, $x:tt, $a:tt, $e:tt, $r:tt; $(,)?) => {
        ::core::compile_error!(
            "without hooks nothing calls `init` and `post_upgrade`: leave them out, and call them in your own hooks"
        );
    };
    ($s:ident, $i:tt, $p:tt, hooks, $m:tt, $w:tt, $x:tt, $a:tt, $e:tt, $r:tt; hooks = $value:expr, $($rest:tt)*) => {
        ::core::compile_error!("`hooks` can only be `none`: leave it out to have them");
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, $w:tt, $x:tt, $a:tt, $e:tt, http; metrics = $value:expr, $($rest:tt)*) => {
        $crate::__canister_wrong!(metrics);
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, $w:tt, $x:tt, $a:tt, $e:tt, none; metrics = $value:expr, $($rest:tt)*) => {
        ::core::compile_error!("`metrics` takes no value, or `none` for a canister with its own `http_request`");
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, $w:tt, $x:tt, $a:tt, $e:tt, $r:tt; $option:ident = $value:expr, $($rest:tt)*) => {
        $crate::__canister_wrong!($option);
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, $w:tt, $x:tt, $a:tt, { $e:expr }, $r:tt; explorer, $($rest:tt)*) => {
        $crate::__canister_wrong!(explorer);
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, $w:tt, $x:tt, $a:tt, $e:tt, $r:ident; metrics, $($rest:tt)*) => {
        $crate::__canister_wrong!(metrics);
    };
    ($s:ident, $i:tt, $p:tt, $h:ident, $m:tt, $w:tt, $x:tt, $a:tt, $e:tt, $r:tt; $($rest:tt)*) => {
        ::core::compile_error!("options of a canister are written `option = value`, with commas between them");
    };
}

/// Generates all parts of a canister except its hooks.
#[doc(hidden)]
#[macro_export]
macro_rules! __canister_parts {
    ($s:ident, $m:tt, $w:tt, $x:tt, $a:tt, $e:tt, $r:tt) => {
        $crate::__canister_access!($s, $m);
        $crate::__canister_sweep!($s, $w);
        $crate::__canister_expire!($s, $x);
        $crate::__canister_ask!($s, $a);
        $crate::__canister_explorer!($s, $e, $w);
        $crate::__canister_metrics!($s, $r, $w);
    };
}

/// Returns `Ok(())` if the caller is a controller, or else the given words.
#[doc(hidden)]
#[macro_export]
macro_rules! __canister_controllers {
    ($words:literal) => {
        if ::ic_cdk::api::is_controller(&::ic_cdk::api::msg_caller()) {
            ::core::result::Result::Ok(())
        } else {
            ::core::result::Result::Err(::std::string::String::from($words))
        }
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
    (explorer) => {
        $crate::__canister_wrong!(twice explorer);
    };
    (metrics) => {
        $crate::__canister_wrong!(twice metrics);
    };
    (twice $option:ident) => {
        ::core::compile_error!(::core::concat!(
            "`", ::core::stringify!($option), "` is given twice for the same canister"
        ));
    };
    ($option:ident) => {
        ::core::compile_error!(::core::concat!(
            "unknown option `", ::core::stringify!($option),
            "`: a canister has `init`, `post_upgrade`, `hooks`, `memory`, `sweep`, `expire`, `ask`, `explorer` \
             and `metrics`"
        ));
    };
}
