//! E0101–E0419, E0501–E0509, W0101–W0119: imports, names, types, flow, and what of the machine needs the tree.
//!
//! The text of each code is a file in `pages/`, which is shown by `omtc explain`, is the documentation of the
//! constant, and is a test: what stands under *Example* has that finding, what stands under *Instead* has none.

use crate::diagnostic::{
    Code,
    codes::{error, warning},
};

macro_rules! codes {
    ($($kind:ident $name:ident $id:literal $title:literal;)*) => {
        $(
            #[doc = include_str!(concat!("pages/", $id, ".md"))]
            pub const $name: Code = $kind($id, $title, include_str!(concat!("pages/", $id, ".md")));
        )*
        /// All of them.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    error UNKNOWN_NAME "E0101" "unknown name";
    error UNKNOWN_TYPE "E0102" "unknown type";
    error RESERVED_NAME "E0103" "reserved name";
    error DUPLICATE "E0104" "declared twice";
    error HIDES "E0105" "hides another name";
    error AMBIGUOUS_VALUE "E0106" "ambiguous enum value";
    error IMPORT_NOT_FOUND "E0107" "imported file not found";
    error IMPORT_CYCLE "E0108" "cycle of imports";
    error CONFLICT "E0109" "conflicting definitions";
    error UNREADABLE "E0110" "source cannot be read";
    error HEADER "E0111" "transaction header";
    error UNKNOWN_FUNCTION "E0112" "unknown function";
    error UNKNOWN_FIELD "E0113" "unknown field";
    error NOT_HERE "E0114" "not available here";
    error UNKNOWN_DECLARATION "E0115" "unknown declaration";
    error UNKNOWN_ACTOR "E0116" "unknown actor";
    error MISMATCH "E0201" "type mismatch";
    error OPERANDS "E0202" "operands do not fit";
    error ARGUMENT_COUNT "E0203" "wrong number of arguments";
    error TYPE_ARGUMENTS "E0204" "wrong type arguments";
    error TYPE_NOT_ALLOWED "E0205" "type not allowed here";
    error OUT_OF_RANGE "E0206" "number out of range";
    error PARAMETER "E0207" "parameter out of range";
    error CANNOT_INFER "E0208" "type cannot be told";
    error MAY_BE_NULL "E0209" "may be null";
    error ENUM_OPERAND "E0210" "enum compared with something else";
    error SECRET "E0211" "secret in the open";
    error LAMBDA "E0212" "lambda out of place";
    error RECORD_FIELD "E0213" "fields of a record";
    error RECURSIVE_TYPE "E0214" "type contains itself";
    error SHADOWS_LIBRARY "E0215" "shadows the library";
    error TOO_DEEP "E0216" "expression too long";
    error MAY_BE_UNSET "E0301" "may be unset";
    error NO_SOURCE "E0302" "field without a source";
    error NULL_ASSIGNED "E0303" "null assigned to a plain type";
    error LOCAL_UNSET "E0304" "local may be unset";
    error NO_RETURN "E0305" "path without return";
    error RECURSION "E0306" "recursion";
    error SESSION_KEY "E0307" "assignment to the session key";
    error NOT_ASSIGNABLE "E0308" "cannot be assigned";
    error NOTHING_TO_STORE "E0309" "nothing to store";
    error INITIAL "E0401" "initial state";
    error UNKNOWN_STATE "E0402" "unknown state";
    error UNKNOWN_CAUSE "E0403" "unknown cause";
    error DUPLICATE_TRANSITION "E0404" "transition written twice";
    error TERMINAL_EXIT "E0405" "terminal state with exits";
    error TIME_LIMIT "E0406" "time limit";
    error TRIGGER_STATE "E0407" "trigger outside its states";
    error ROSTER "E0408" "roster";
    error COLLECT "E0409" "collect";
    error AFTER "E0410" "trigger after another transaction";
    error WRONG_SENDER "E0501" "not a declared sender";
    error WRONG_RECIPIENT "E0502" "not a declared recipient";
    error WRONG_AUTHOR "E0503" "not a declared author";
    error WRONG_HANDLER "E0504" "message is not for this actor";
    error DEFECT "E0599" "defect of the compiler";
    warning UNUSED "W0101" "unused";
    warning ALWAYS_SET "W0102" "comparison with null is decided";
    warning UNDECLARED_TYPE "W0801" "undeclared type, read as a dynamic record";
    warning UNDECLARED_FIELD "W0802" "undeclared name is written, read as a field of any type";
    warning NULL_SOURCE "W0803" "field without a source, read as null";
    warning NULL_PLAIN "W0804" "null for a plain type, read as unset";
    warning HASH_OF_SUM "W0805" "hash of a sum, read as a hash of its parts";
    warning TEXT_AND_ENUM "W0806" "text and enum, read as the value of that name";
    warning BARE_TEXT "W0807" "unknown name, read as its own text";
    warning BYTES_AS_SEGMENT "W0808" "bytes as a chain, read as a segment";
    warning TERMINAL_LEFT "W0809" "terminal state with exits, read as a rest state";
    warning UNSET_LIST "W0810" "unset list, read as an empty one";
    warning NO_ROSTER "W0811" "no roster, read as anybody";
    warning DYNAMIC_COMPARED "W0812" "values of unknown type compared by their structure";
    warning NULL_READ "W0813" "value that may be null is used, read as a fault if it is";
    warning DYNAMIC_SIGNED "W0814" "value of unknown type or float in what is signed";
    warning DYNAMIC_USED "W0815" "value of unknown type where one type is needed";
    warning SESSION_ASSIGNED "W0816" "session key assigned again, read as no assignment";
    warning TEXT_OF_VALUE "W0817" "value where a text is wanted, read as its text";
    warning SIGNED_VALUE "W0818" "signature of something that is no struct";
}
