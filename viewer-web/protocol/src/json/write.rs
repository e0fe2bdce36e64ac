use js_sys::{Array, JSON, Object, Reflect};
use serde::ser::{
    Impossible, Serialize, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    Serializer,
};
use wasm_bindgen::JsValue;

use super::JsonError;

/// Writes a value as JSON.
///
/// # Errors
/// [`JsonError::Shape`] for what no message has: bytes, characters, tuple structures, maps.
pub fn write<T: Serialize>(value: &T) -> Result<String, JsonError> {
    let written = JSON::stringify(&value.serialize(Values)?);
    written.ok().and_then(|text| text.as_string()).ok_or(JsonError::Shape)
}

/// Makes values of the browser.
struct Values;

macro_rules! numbers {
    ($($method:ident: $number:ty)+) => {
        $(fn $method(self, value: $number) -> Result<JsValue, JsonError> {
            Ok(JsValue::from_f64(f64::from(value)))
        })+
    };
}

impl Serializer for Values {
    type Ok = JsValue;
    type Error = JsonError;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = Impossible<JsValue, JsonError>;
    type SerializeTupleVariant = Impossible<JsValue, JsonError>;
    type SerializeMap = Impossible<JsValue, JsonError>;
    type SerializeStruct = Keyed;
    type SerializeStructVariant = Keyed;

    numbers! {
        serialize_i8: i8 serialize_i16: i16 serialize_i32: i32
        serialize_u8: u8 serialize_u16: u16 serialize_u32: u32
        serialize_f32: f32 serialize_f64: f64
    }

    #[expect(clippy::cast_precision_loss, reason = "the browser's numbers are floats")]
    fn serialize_i64(self, value: i64) -> Result<JsValue, JsonError> {
        Ok(JsValue::from_f64(value as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "the browser's numbers are floats")]
    fn serialize_u64(self, value: u64) -> Result<JsValue, JsonError> {
        Ok(JsValue::from_f64(value as f64))
    }

    fn serialize_bool(self, value: bool) -> Result<JsValue, JsonError> {
        Ok(JsValue::from_bool(value))
    }

    fn serialize_char(self, _: char) -> Result<JsValue, JsonError> {
        Err(JsonError::Shape)
    }

    fn serialize_str(self, text: &str) -> Result<JsValue, JsonError> {
        Ok(JsValue::from_str(text))
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<JsValue, JsonError> {
        Err(JsonError::Shape)
    }

    fn serialize_none(self) -> Result<JsValue, JsonError> {
        Ok(JsValue::NULL)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<JsValue, JsonError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<JsValue, JsonError> {
        Ok(JsValue::NULL)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<JsValue, JsonError> {
        Ok(JsValue::NULL)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<JsValue, JsonError> {
        Ok(JsValue::from_str(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<JsValue, JsonError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<JsValue, JsonError> {
        let content = value.serialize(self)?;
        Ok(Keyed::inside(variant, &content))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List, JsonError> {
        Ok(List(Array::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<List, JsonError> {
        Ok(List(Array::new()))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, JsonError> {
        Err(JsonError::Shape)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, JsonError> {
        Err(JsonError::Shape)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, JsonError> {
        Err(JsonError::Shape)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Keyed, JsonError> {
        Ok(Keyed::new(None))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Keyed, JsonError> {
        Ok(Keyed::new(Some(variant)))
    }
}

/// An array that is being filled.
struct List(Array);

impl SerializeSeq for List {
    type Ok = JsValue;
    type Error = JsonError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), JsonError> {
        self.0.push(&item.serialize(Values)?);
        Ok(())
    }

    fn end(self) -> Result<JsValue, JsonError> {
        Ok(self.0.into())
    }
}

impl SerializeTuple for List {
    type Ok = JsValue;
    type Error = JsonError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), JsonError> {
        SerializeSeq::serialize_element(self, item)
    }

    fn end(self) -> Result<JsValue, JsonError> {
        Ok(self.0.into())
    }
}

/// An object that is being filled, and the variant that it is the content of.
struct Keyed {
    object: Object,
    variant: Option<&'static str>,
}

impl Keyed {
    fn new(variant: Option<&'static str>) -> Self {
        Self { object: Object::new(), variant }
    }

    fn set(&self, key: &str, value: &JsValue) {
        // Fails only for what is no object.
        Reflect::set(&self.object, &JsValue::from_str(key), value).ok();
    }

    fn inside(variant: &'static str, content: &JsValue) -> JsValue {
        let outer = Self::new(None);
        outer.set(variant, content);
        outer.object.into()
    }

    fn done(self) -> JsValue {
        match self.variant {
            Some(variant) => Self::inside(variant, &self.object),
            None => self.object.into(),
        }
    }
}

impl SerializeStruct for Keyed {
    type Ok = JsValue;
    type Error = JsonError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), JsonError> {
        self.set(key, &value.serialize(Values)?);
        Ok(())
    }

    fn end(self) -> Result<JsValue, JsonError> {
        Ok(self.done())
    }
}

impl SerializeStructVariant for Keyed {
    type Ok = JsValue;
    type Error = JsonError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), JsonError> {
        SerializeStruct::serialize_field(self, key, value)
    }

    fn end(self) -> Result<JsValue, JsonError> {
        Ok(self.done())
    }
}
