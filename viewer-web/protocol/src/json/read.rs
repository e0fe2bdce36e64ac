use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Number, Object, Reflect};
use serde::de::value::U64Deserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::{Deserializer, forward_to_deserialize_any};
use wasm_bindgen::{JsCast, JsValue};

use super::JsonError;

/// Reads a value from JSON.
///
/// # Errors
/// [`JsonError`].
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
    read_value(parse(text)?)
}

/// The value of the browser that a text is, to be read with [`read_value`] as a whole or piece by piece.
///
/// # Errors
/// [`JsonError::Syntax`].
pub fn parse(text: &str) -> Result<JsValue, JsonError> {
    js_sys::JSON::parse(text).map_err(|_js| JsonError::Syntax)
}

/// Reads a value that was parsed.
///
/// # Errors
/// [`JsonError::Shape`].
pub fn read_value<T: DeserializeOwned>(value: JsValue) -> Result<T, JsonError> {
    T::deserialize(Value(value))
}

/// A value of the browser. What no message has is not read: maps, and what describes itself
/// (untagged and internally tagged enumerations).
struct Value(JsValue);

impl Value {
    fn text(&self) -> Result<String, JsonError> {
        self.0.as_string().ok_or(JsonError::Shape)
    }

    #[expect(clippy::cast_possible_truncation, reason = "it is a whole number that a float holds")]
    fn whole_number(&self) -> Result<i64, JsonError> {
        let number = self.0.as_f64().filter(|_| Number::is_safe_integer(&self.0));
        number.map(|number| number as i64).ok_or(JsonError::Shape)
    }

    fn items(&self) -> Result<Items, JsonError> {
        let array = self.0.dyn_ref::<Array>().ok_or(JsonError::Shape)?;
        Ok(Items { array: array.clone(), next: 0 })
    }
}

macro_rules! whole_numbers {
    ($($method:ident)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
            visitor.visit_i64(self.whole_number()?)
        })+
    };
}

impl<'de> Deserializer<'de> for Value {
    type Error = JsonError;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, JsonError> {
        Err(JsonError::Shape)
    }

    forward_to_deserialize_any! { i128 u128 char bytes byte_buf unit unit_struct map identifier }

    whole_numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_bool(self.0.as_bool().ok_or(JsonError::Shape)?)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_f64(self.0.as_f64().ok_or(JsonError::Shape)?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_seq(self.items()?)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        let items = self.items()?;
        if items.array.length() as usize != length {
            return Err(JsonError::Shape);
        }
        visitor.visit_seq(items)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        self.deserialize_tuple(length, visitor)
    }

    /// Asks for the fields there are, in their order; what else the object has is not looked at.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        if !self.0.is_object() {
            return Err(JsonError::Shape);
        }
        let names = names(fields);
        visitor.visit_map(Fields { object: self.0, names, next: 0, value: JsValue::UNDEFINED })
    }

    /// The name of a variant, or an object with it as its only key.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        visitor.visit_enum(Variant::of(&self.0, variants)?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_unit()
    }
}

/// The items of an array.
struct Items {
    array: Array,
    next: u32,
}

impl Items {
    fn next(&mut self) -> Option<JsValue> {
        let index = self.next;
        self.next += 1;
        (index < self.array.length()).then(|| self.array.get(index))
    }
}

impl<'de> SeqAccess<'de> for Items {
    type Error = JsonError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, JsonError> {
        self.next().map(|item| seed.deserialize(Value(item))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        usize::try_from(self.array.length().saturating_sub(self.next)).ok()
    }
}

/// Names of fields as Rust has them and as strings of the browser.
type Names = (&'static [&'static str], Rc<[JsValue]>);

thread_local! {
    /// The names of each structure that was met: there are few, and a summary has the same ones for each image.
    static KNOWN: RefCell<Vec<Names>> = const { RefCell::new(Vec::new()) };
}

/// The names of the fields of one structure, made into strings of the browser once.
fn names(fields: &'static [&'static str]) -> Rc<[JsValue]> {
    KNOWN.with_borrow_mut(|known| {
        if let Some((_, names)) = known.iter().find(|(of, _)| std::ptr::eq(*of, fields)) {
            return Rc::clone(names);
        }
        let names: Rc<[JsValue]> = fields.iter().map(|name| JsValue::from_str(name)).collect();
        known.push((fields, Rc::clone(&names)));
        names
    })
}

/// The fields of a structure that an object has. serde is told their numbers: looking for each name among all of them
/// would be code that the visitor waits for.
struct Fields {
    object: JsValue,
    names: Rc<[JsValue]>,
    next: usize,
    value: JsValue,
}

impl Fields {
    fn next(&mut self) -> Option<usize> {
        while let Some(name) = self.names.get(self.next) {
            self.next += 1;
            self.value = Reflect::get(&self.object, name).unwrap_or_default();
            if !self.value.is_undefined() {
                return Some(self.next - 1);
            }
        }
        None
    }
}

impl<'de> MapAccess<'de> for Fields {
    type Error = JsonError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, JsonError> {
        self.next().map(|field| seed.deserialize(number(field))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, JsonError> {
        seed.deserialize(Value(std::mem::take(&mut self.value)))
    }
}

/// The number of a variant and what is in it.
struct Variant {
    number: usize,
    content: JsValue,
}

impl Variant {
    fn of(value: &JsValue, variants: &'static [&'static str]) -> Result<Self, JsonError> {
        let (name, content) = match value.dyn_ref::<Object>() {
            None => (value.as_string(), JsValue::UNDEFINED),
            Some(object) => {
                let entries = Object::entries(object);
                if entries.length() != 1 {
                    return Err(JsonError::Shape);
                }
                let entry: Array = entries.get(0).unchecked_into();
                (entry.get(0).as_string(), entry.get(1))
            }
        };
        let name = name.ok_or(JsonError::Shape)?;
        let number = variants.iter().position(|variant| *variant == name);
        number.map(|number| Self { number, content }).ok_or(JsonError::Shape)
    }
}

/// The number of a field or of a variant, as serde asks for it.
fn number(number: usize) -> U64Deserializer<JsonError> {
    (number as u64).into_deserializer()
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = JsonError;
    type Variant = Value;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Value), JsonError> {
        Ok((seed.deserialize(number(self.number))?, Value(self.content)))
    }
}

impl<'de> VariantAccess<'de> for Value {
    type Error = JsonError;

    fn unit_variant(self) -> Result<(), JsonError> {
        if self.0.is_undefined() || self.0.is_null() { Ok(()) } else { Err(JsonError::Shape) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, JsonError> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        self.deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        self.deserialize_struct("", fields, visitor)
    }
}
